// txn/version_keys.h: the keys that the versions of one row have in one index.
#pragma once

#include <cstdint>
#include <vector>

#include "txn/index.h"
#include "txn/table.h"
#include "txn/undo.h"

namespace tupelo {

// Begins at the newest version; StepOver goes to the one before a change. Steps over records must
// follow the row's chain from its head. Uses the index's scratch only within MakeKey, and where
// another thread has it, some of its own: so several may be at work.
class VersionKeys {
 public:
  VersionKeys(const RowStore& store, const Index& index, RowId row) : index_(index) {
    const Stripe* stripe = store.StripeOf(row);
    uint32_t slot = RowStore::SlotOf(row);
    if (stripe->capacity == 0) [[unlikely]]
      ProvideColumns(store, *stripe);
    for (size_t i = 0; i < index.columns_.size(); ++i) {
      uint32_t c = index.columns_[i].column;
      const StripeColumn& column = stripe->columns[c];
      values_[i] = column.data + slot * WidthBytes(store.physical(c));
      nulls_[i] = stripe->MayHaveNulls(c) && column.block->IsNull(slot);
    }
  }

  void StepOver(const UndoRecord& record) {
    if (!Changes(record)) return;
    for (uint32_t v = 0; v < record.count; ++v) {
      const UndoValue& value = record.values()[v];
      for (size_t i = 0; i < index_.columns_.size(); ++i) {
        if (index_.columns_[i].column != value.column) continue;
        values_[i] = value.bytes;
        nulls_[i] = value.is_null;
      }
    }
  }

  // Whether the version before `record` may have another key than the one after it.
  bool Changes(const UndoRecord& record) const {
    return (record.column_mask & index_.column_mask_) != 0;
  }

  // Returns whether a part of the key is null.
  bool MakeKey(KeyBuffer* key) const {
    if (index_.stored_in_use_.test_and_set(std::memory_order_acquire)) [[unlikely]] {
      std::vector<Vector> own;
      std::vector<const Vector*> pointers;
      own.reserve(index_.stored_.size());
      for (const Vector& vector : index_.stored_) {
        own.emplace_back(vector.type());
        pointers.push_back(&own.back());
      }
      return MakeKey(own.data(), pointers.data(), key);
    }
    struct InUse {
      std::atomic_flag* flag;
      ~InUse() { flag->clear(std::memory_order_release); }
    } in_use{&index_.stored_in_use_};
    return MakeKey(index_.stored_.data(), index_.stored_pointers_.data(), key);
  }

 private:
  // While one of them is read, others may push out what is there: until all are.
  void ProvideColumns(const RowStore& store, const Stripe& stripe) const {
    for (bool is_complete = false; !is_complete;) {
      is_complete = true;
      for (const IndexColumn& column : index_.columns_) {
        if (column.column < stripe.columns.size() &&
            stripe.columns[column.column].data != nullptr) {
          continue;
        }
        const bool is_there = store.ColumnOf(stripe, column.column).data != nullptr;
        if (is_there && index_.columns_.size() > 1) is_complete = false;
      }
    }
  }
  bool MakeKey(Vector* vectors, const Vector* const* pointers, KeyBuffer* key) const {
    static constexpr uint64_t kNothingValid = 0;
    for (size_t i = 0; i < index_.columns_.size(); ++i) {
      vectors[i].Borrow(const_cast<uint8_t*>(values_[i]), nulls_[i] ? &kNothingValid : nullptr);
    }
    return index_.MakeKey(pointers, 0, key);
  }

  const Index& index_;
  const uint8_t* values_[kMaxIndexColumns];
  bool nulls_[kMaxIndexColumns];
};

}  // namespace tupelo
