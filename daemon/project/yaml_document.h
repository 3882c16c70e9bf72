// A YAML file as a tree that knows where each value stands.
//
// Stricter than YAML where a mistake would go unnoticed: duplicate keys, keys that are no plain
// text, several documents and unknown tags are errors. Bounded: at most 100,000 keys and values,
// nesting at most 64, keys at most 1024 bytes, aliases at most 10,000 expanded nodes and 1 MiB of
// text; so a walk of the tree, even one that copies what it meets, is bounded too.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/project/diagnostics.h"

namespace nopo {

struct YamlNode;

struct YamlEntry {
  std::string key;
  const YamlNode* value = nullptr;
  int line = 0, column = 0;  // Of the key, from 1.
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;  // kScalar, as it was spelled (escapes resolved).
  std::vector<const YamlNode*> items;
  std::vector<YamlEntry> entries;  // In file order; merged ones (`<<`) last.
  int line = 0, column = 0;        // From 1; of an aliased value: where it is defined.
  int nodes = 1;                   // Of the subtree, aliases expanded.
  size_t bytes = 0;                // Of the subtree's texts and keys, aliases expanded.
  bool plain = false;              // kScalar: without quotes.
  bool complete = false;           // False while its end has not been read.

  // Null when absent.
  const YamlEntry* Find(absl::string_view key) const;
};

class YamlDocument {
 public:
  // Parses the content of `file`; mistakes go to `diagnostics`. Empty when there is no usable tree.
  // Takes time in proportion to `text`, and neither its stack nor its memory grows with nesting.
  static std::optional<YamlDocument> Parse(const std::string& text, const std::string& file,
                                           Diagnostics& diagnostics);

  // A null node for an empty file. Valid as long as the document.
  const YamlNode& root() const { return *root_; }

 private:
  friend class YamlTreeBuilder;
  std::deque<YamlNode> nodes_;  // A deque: its elements stay where they are.
  const YamlNode* root_ = nullptr;
};

}  // namespace nopo
