// catalog/view.cpp: what a view depends on.
#include "catalog/view.h"

#include <algorithm>

namespace tupelo {

bool ViewDefinition::Names(ObjectId relation) const {
  return std::ranges::any_of(sources,
                             [&](const ViewSource& one) { return one.relation == relation; });
}

bool ViewDefinition::Uses(ObjectId relation, uint16_t column) const {
  return std::ranges::any_of(sources, [&](const ViewSource& source) {
    return source.relation == relation &&
           std::ranges::any_of(source.columns, [&](const ViewSource::Column& one) {
             return one.number == column && one.is_used;
           });
  });
}

}  // namespace tupelo
