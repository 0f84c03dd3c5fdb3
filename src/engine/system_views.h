// engine/system_views.h: the rows of the views of schema TUPELO, as a session sees them.
#pragma once

#include "exec/system_view.h"

namespace tupelo {

class SessionState;

class SessionSystemViews : public SystemViewSource {
 public:
  explicit SessionSystemViews(SessionState* session) : session_(session) {}
  void Append(SystemViewId view, const ExecutionContext& context, SystemViewRows* rows) override;

 private:
  SessionState* session_;
};

}  // namespace tupelo
