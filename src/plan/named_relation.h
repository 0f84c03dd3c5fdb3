// plan/named_relation.h: what a name in FROM means.
#pragma once

#include "catalog/catalog.h"
#include "catalog/system_view.h"

namespace tupelo {

// One of the first three is there.
struct NamedRelation {
  TablePtr table;
  ViewPtr view;
  const SystemView* system_view = nullptr;
  const ViewSource* source = nullptr;  // within a view: what its text means by the name

  // By its definition.
  const Name& schema() const {
    if (system_view != nullptr) return SystemSchemaName();
    return table != nullptr ? table->schema : view->schema;
  }
  const Name& name() const {
    if (system_view != nullptr) return system_view->name;
    return table != nullptr ? table->name : view->name;
  }
};

}  // namespace tupelo
