// plan/name_ref.h: a name in a plan: owned elsewhere, so that passing it on costs nothing.
#pragma once

#include "catalog/name.h"

namespace tupelo {

// A name that lives in a definition (kept by Plan::tables) or in Plan::names. Small: every node of
// a plan names its columns. Without a name it refers to an empty one.
class NameRef {
 public:
  NameRef() = default;
  // `name` must outlive the plan.
  explicit NameRef(const Name& name) : name_(&name) {}

  const Name& operator*() const { return *name_; }
  const Name* operator->() const { return name_; }
  bool empty() const { return name_->empty(); }

 private:
  static const Name kNone;
  const Name* name_ = &kNone;
};

inline const Name NameRef::kNone;

}  // namespace tupelo
