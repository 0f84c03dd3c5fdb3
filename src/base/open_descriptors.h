// base/open_descriptors.h: descriptors that a forked child must not keep.
#pragma once

namespace tupelo {

// A descriptor that is closed in a child made by fork(). A lock belongs to what the descriptor
// refers to, which the child's copy refers to as well: left open there, it would keep the lock
// alive after its process is gone.
class OpenDescriptor {
 public:
  // Takes over `descriptor`.
  explicit OpenDescriptor(int descriptor);
  ~OpenDescriptor();
  OpenDescriptor(const OpenDescriptor&) = delete;
  OpenDescriptor& operator=(const OpenDescriptor&) = delete;

  // -1 in a child that was forked since.
  int get() const { return descriptor_; }

  // Sees to it that descriptors are closed in a child. Done once, by the first of them at the
  // latest.
  static void Register();

 private:
  static void PrepareFork();
  static void ResumeParent();
  static void ResumeChild();

  int descriptor_;
  OpenDescriptor* next_ = nullptr;  // these two are guarded by the list's mutex
  OpenDescriptor* previous_ = nullptr;
};

}  // namespace tupelo
