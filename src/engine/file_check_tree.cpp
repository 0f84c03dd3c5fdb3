// engine/file_check_tree.cpp: the trees of indexes, as they lie in the file.
#include "base/error.h"
#include "engine/file_check.h"
#include "storage/btree_node.h"

namespace tupelo {

namespace {

constexpr uint8_t kMostLevels = 8;

}  // namespace

struct FileCheck::Tree {
  std::string by;
  ExtentOwner owner;
  uint64_t expected = 0;  // entries
  uint64_t found = 0;
  bool is_whole = true;  // all nodes could be read
};

void FileCheck::CheckTree(const WrittenTable& table, const WrittenTable::Tree& written) {
  Tree tree;
  tree.by = names_.OfIndex(table.number, written.index);
  tree.owner = {table.number, written.index};
  tree.expected = table.live_rows;
  if (written.root.level > kMostLevels) {
    Damaged(root_.catalog, tree.by + ": its tree has too many levels");
    is_complete_ = false;
    return;
  }
  if (written.root.node) CheckTreeNode(&tree, written.root.node, written.root.level, "", "");
  if (tree.is_whole && tree.found != tree.expected) {
    Damaged(written.root.node ? written.root.node : root_.catalog,
            tree.by + ": it has " + std::to_string(tree.found) + " entries for " +
                std::to_string(tree.expected) + " rows");
  }
}

// Entries of the node are in [low, high); `high` empty: there is no bound.
void FileCheck::CheckTreeNode(Tree* tree, const ExtentAddress& address, uint8_t level,
                              const std::string& low, const std::string& high) {
  if (level == 0) return CheckTreeLeaf(tree, address, low, high);
  EntryList separators;
  std::vector<ExtentAddress> children;
  bool is_sound = Visit(address, ExtentKind::kTreeInner, tree->owner, tree->by,
                        [&](std::span<const uint8_t> payload) {
                          DecodeInner(payload, &separators, &children);
                          std::string_view before = low;
                          for (size_t i = 0; i < separators.size(); ++i) {
                            bool fits =
                                separators[i] > before && (high.empty() || separators[i] < high);
                            if (!fits) ThrowDamaged("its separators are another node's");
                            before = separators[i];
                          }
                        });
  if (!is_sound) {
    tree->is_whole = is_complete_ = false;
    return;
  }
  for (size_t i = 0; i < children.size(); ++i) {
    // Whoever refers to a node more than once would have it visited without end.
    if (tree->found > tree->expected) return;
    CheckTreeNode(tree, children[i], static_cast<uint8_t>(level - 1),
                  i == 0 ? low : std::string(separators[i - 1]),
                  i < separators.size() ? std::string(separators[i]) : high);
  }
}

void FileCheck::CheckTreeLeaf(Tree* tree, const ExtentAddress& address, const std::string& low,
                              const std::string& high) {
  bool is_sound = Visit(
      address, ExtentKind::kTreeLeaf, tree->owner, tree->by, [&](std::span<const uint8_t> payload) {
        EntryList entries;
        DecodeLeaf(payload, &entries);
        if (entries.empty()) ThrowDamaged("a leaf has no entries");
        if (entries[0] < low || (!high.empty() && entries[entries.size() - 1] >= high)) {
          ThrowDamaged("it is the leaf of other keys");
        }
        for (size_t i = 0; i < entries.size(); ++i) {
          if (static_cast<uint64_t>(RowOfEntry(entries[i])) >= used_rows_) {
            ThrowDamaged("an index has an entry of a row that there is not");
          }
        }
        tree->found += entries.size();
      });
  if (!is_sound) tree->is_whole = false;
}

}  // namespace tupelo
