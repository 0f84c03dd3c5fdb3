// engine/stored_root.cpp: which number of a root is what.
#include "engine/stored_root.h"

namespace tupelo {

namespace {

enum RootNumber : size_t { kLogPosition, kLogIsBegun, kLastObject };

}  // namespace

LogPlace LogPlaceOf(const DatabaseRoot& root) {
  LogPlace place;
  if (root.log_generation == 0) return place;  // no checkpoint has been made
  place.generation = root.log_generation;
  place.sequence = root.log_sequence;
  place.position = root.numbers[kLogPosition];
  place.is_begun = root.numbers[kLogIsBegun] != 0;
  return place;
}

void SetLogPlace(const LogPlace& place, DatabaseRoot* root) {
  root->log_generation = place.generation;
  root->log_sequence = place.sequence;
  root->numbers[kLogPosition] = place.position;
  root->numbers[kLogIsBegun] = place.is_begun ? 1 : 0;
}

uint64_t LastObjectOf(const DatabaseRoot& root) { return root.numbers[kLastObject]; }
void SetLastObject(uint64_t number, DatabaseRoot* root) { root->numbers[kLastObject] = number; }

}  // namespace tupelo
