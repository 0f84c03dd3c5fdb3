// base/open_descriptors.cpp: the list of descriptors, and what is done with it when the process
// forks.
#include "base/open_descriptors.h"

#include <memory>
#include <mutex>
#include <new>
#include <pthread.h>
#include <unistd.h>

namespace tupelo {

namespace {

struct DescriptorList {
  std::mutex mutex;
  OpenDescriptor* first = nullptr;
};

// Never destroyed: files may be closed, and the process may fork, while it exits.
DescriptorList& List() {
  static DescriptorList& list = *std::make_unique<DescriptorList>().release();
  return list;
}

}  // namespace

// The list is held over the fork, so the child finds it whole.
void OpenDescriptor::PrepareFork() { List().mutex.lock(); }
void OpenDescriptor::ResumeParent() { List().mutex.unlock(); }
void OpenDescriptor::ResumeChild() {
  for (OpenDescriptor* each = List().first; each != nullptr; each = each->next_) {
    if (each->descriptor_ >= 0) close(each->descriptor_);
    each->descriptor_ = -1;
  }
  List().mutex.unlock();
}

void OpenDescriptor::Register() {
  static const int registered = pthread_atfork(PrepareFork, ResumeParent, ResumeChild);
  if (registered != 0) throw std::bad_alloc();
}

OpenDescriptor::OpenDescriptor(int descriptor) : descriptor_(descriptor) {
  try {
    Register();
  } catch (...) {
    close(descriptor);
    throw;
  }
  std::lock_guard guard(List().mutex);
  next_ = List().first;
  if (next_ != nullptr) next_->previous_ = this;
  List().first = this;
}

OpenDescriptor::~OpenDescriptor() {
  std::lock_guard guard(List().mutex);
  (previous_ != nullptr ? previous_->next_ : List().first) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace tupelo
