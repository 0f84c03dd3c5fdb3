// ext/cache_info.cpp: tupelo.CacheInfo: what Connection.cache_info() tells.
#include "ext/connection.h"
#include "ext/py_ref.h"

namespace tupelo {

namespace {

PyStructSequence_Field cache_info_fields[] = {
    {"hits", "executions whose statement was there"},
    {"identity_hits", "of these, those with the same str object"},
    {"misses", "executions that had to parse"},
    {"evictions", "statements put out for others"},
    {"size", "statements that are there"},
    {"max_size", "statements that may be there"},
    {nullptr, nullptr},
};
PyStructSequence_Desc cache_info_description = {
    "tupelo.CacheInfo", "How a connection's statement cache fares.", cache_info_fields, 6};

}  // namespace

PyObject* CacheInfo(PyObject* object, PyObject*) {
  auto* self = reinterpret_cast<ConnectionObject*>(object);
  ObjectLock lock(self);
  PyRef info = PyRef::Steal(PyStructSequence_New(self->state->cache_info_type));
  if (!info) return nullptr;
  const CacheStatistics& it = self->cache->statistics();
  const int64_t numbers[] = {it.identity_hits + it.hash_hits,
                             it.identity_hits,
                             it.misses,
                             it.evictions,
                             static_cast<int64_t>(self->cache->size()),
                             static_cast<int64_t>(self->cache->capacity())};
  bool complete = true;
  for (int i = 0; i < 6; ++i) {
    PyObject* number = PyLong_FromLongLong(numbers[i]);
    complete = complete && number != nullptr;
    PyStructSequence_SetItem(info.get(), i, number);
  }
  return complete ? info.Release() : nullptr;
}

bool AddCacheInfoType(PyObject* module, ModuleState* state) {
  state->cache_info_type = AddStructSequence(module, &cache_info_description);
  return state->cache_info_type != nullptr;
}

}  // namespace tupelo
