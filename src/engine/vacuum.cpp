// engine/vacuum.cpp: VACUUM: makes the database file as short as it can be.
#include "engine/database_state.h"
#include "engine/session.h"
#include "engine/stored_database.h"

namespace tupelo {

// In memory there is nothing to give back to a file.
void SessionState::Vacuum(Position position) {
  if (explicit_ || transaction_ != nullptr) {
    throw Error(ErrorCode::kActiveTransaction,
                "VACUUM can't run in a transaction; COMMIT or ROLLBACK ends it", position);
  }
  ThrowUnlessWritable(position);
  if (StoredDatabase* stored = state_->stored.get()) stored->Vacuum();
}

}  // namespace tupelo
