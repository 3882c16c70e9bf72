#include "daemon/project/yaml_document.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "daemon/project/text_file.h"
#include "daemon/project/yaml_events.h"

namespace nopo {
namespace {

constexpr size_t kDeepestNesting = 64;
// YAML's own limit for keys on one line.
constexpr size_t kLongestKey = 1024;
// Keys count too. Far more than a file of usual lines has, and read in a few 10 ms.
constexpr size_t kMostNodes = 100'000;
constexpr int kMostAliasedNodes = 10'000;
// Text behind aliases is copied wherever it is used.
constexpr size_t kMostAliasedBytes = kLargestTextFile;

}  // namespace

// Builds the tree from the parser's events; Take says when to stop.
class YamlTreeBuilder {
 public:
  YamlTreeBuilder(YamlDocument& document, const std::string& file, Diagnostics& diagnostics)
      : document_(document), file_(file), diagnostics_(diagnostics) {}

  // False when the document is beyond repair, which has been reported then.
  bool Take(YamlEvent& event) {
    switch (event.kind) {
      case YamlEvent::Kind::kDocumentStart:
        if (++documents_ > 1) Fail(event, "found a second document; expected one document a file");
        break;
      case YamlEvent::Kind::kNull:
        Attach(Complete(NewNode(YamlNode::Kind::kNull, event)), event);
        break;
      case YamlEvent::Kind::kScalar:
        TakeScalar(event);
        break;
      case YamlEvent::Kind::kAlias:
        TakeAlias(event);
        break;
      case YamlEvent::Kind::kListStart:
        Open(YamlNode::Kind::kList, event);
        break;
      case YamlEvent::Kind::kMapStart:
        Open(YamlNode::Kind::kMap, event);
        break;
      case YamlEvent::Kind::kMapEnd:
        for (const YamlNode* source : open_.back().merges) Merge(source, open_.back());
        Close();
        break;
      case YamlEvent::Kind::kListEnd:
        Close();
        break;
    }
    return !failed_;
  }

 private:
  // A list or map whose end has not come yet.
  struct OpenNode {
    YamlNode* node;
    YamlEvent start;
    bool has_key = false;  // A key has come, its value not.
    bool merging = false;  // That key is `<<`.
    YamlEntry entry;
    absl::flat_hash_set<absl::string_view> keys;  // Texts of nodes of the document.
    std::vector<const YamlNode*> merges;
  };

  void Fail(const YamlEvent& place, absl::string_view message) {
    if (!failed_) diagnostics_.AddError({file_, place.line, place.column}, "", message);
    failed_ = true;
  }

  YamlNode* NewNode(YamlNode::Kind kind, const YamlEvent& event) {
    if (document_.nodes_.size() >= kMostNodes) {
      Fail(event, absl::StrCat("found more than ", kMostNodes, " keys and values; expected fewer"));
    }
    YamlNode& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.line = event.line;
    node.column = event.column;
    if (!event.anchor.empty()) anchors_[event.anchor] = &node;
    return &node;
  }

  static const YamlNode* Complete(YamlNode* node) {
    node->complete = true;
    return node;
  }

  void TakeScalar(YamlEvent& event) {
    YamlNode* node = NewNode(YamlNode::Kind::kScalar, event);
    node->text = std::move(event.text);
    node->bytes = node->text.size();
    node->plain = event.plain;
    Attach(Complete(node), event);
  }

  void TakeAlias(const YamlEvent& event) {
    const auto it = anchors_.find(event.anchor);
    if (it == anchors_.end()) {
      return Fail(event, absl::StrCat("found the alias ", Quoted(absl::StrCat("*", event.anchor)),
                                      "; expected one whose anchor comes before it"));
    }
    const YamlNode* target = it->second;
    if (!target->complete) {
      return Fail(event,
                  "found an alias inside of what it stands for; expected one that comes after");
    }
    aliased_nodes_ += target->nodes;
    aliased_bytes_ += target->bytes;
    if (aliased_nodes_ > kMostAliasedNodes) {
      Fail(event, absl::StrCat("aliases expand to more than ", kMostAliasedNodes,
                               " nodes; expected fewer aliases"));
    } else if (aliased_bytes_ > kMostAliasedBytes) {
      Fail(event, "aliases expand to more than 1 MiB of text; expected fewer aliases");
    } else {
      Attach(target, event);
    }
  }

  void Open(YamlNode::Kind kind, const YamlEvent& event) {
    if (open_.size() >= kDeepestNesting) {
      return Fail(event, absl::StrCat("found nesting deeper than ", kDeepestNesting,
                                      " levels; expected less"));
    }
    if (ExpectsKey()) return RejectKey(event);
    open_.push_back({NewNode(kind, event), event});
  }

  void Close() {
    OpenNode closed = std::move(open_.back());
    open_.pop_back();
    Attach(Complete(closed.node), closed.start);
  }

  bool ExpectsKey() const {
    return !open_.empty() && open_.back().node->kind == YamlNode::Kind::kMap &&
           !open_.back().has_key;
  }

  void RejectKey(const YamlEvent& event) {
    Fail(event, "found a key that is no plain text; expected 'key: value'");
  }

  void Attach(const YamlNode* node, const YamlEvent& event) {
    if (open_.empty()) {
      document_.root_ = node;
      return;
    }
    if (ExpectsKey()) return TakeKey(*node, event);
    OpenNode& parent = open_.back();
    parent.node->nodes += node->nodes;
    parent.node->bytes += node->bytes;
    if (parent.node->kind == YamlNode::Kind::kList) {
      parent.node->items.push_back(node);
      return;
    }
    parent.has_key = false;
    if (std::exchange(parent.merging, false)) {
      AddMerge(node, event, parent);
    } else {
      parent.entry.value = node;
      parent.node->entries.push_back(std::move(parent.entry));
    }
  }

  void TakeKey(const YamlNode& node, const YamlEvent& event) {
    if (node.kind != YamlNode::Kind::kScalar) return RejectKey(event);
    if (node.text.size() > kLongestKey) {
      return Fail(event, absl::StrCat("found the key ", Quoted(node.text),
                                      "; expected one of at most ", kLongestKey, " bytes"));
    }
    OpenNode& map = open_.back();
    map.has_key = true;
    map.merging = node.plain && node.text == "<<";
    if (map.merging) return;
    map.node->bytes += node.bytes;
    map.entry = {node.text, nullptr, event.line, event.column};
    if (map.keys.insert(node.text).second) return;
    diagnostics_.AddError(
        {file_, event.line, event.column}, "",
        absl::StrCat("found the key ", Quoted(node.text), " twice; expected each key once"));
  }

  void AddMerge(const YamlNode* node, const YamlEvent& event, OpenNode& map) {
    std::vector<const YamlNode*> sources = {node};
    if (node->kind == YamlNode::Kind::kList) sources = node->items;
    for (const YamlNode* source : sources) {
      if (source->kind != YamlNode::Kind::kMap) {
        return Fail(event,
                    "'<<' merges something that is no map; expected a map or a list of maps");
      }
      map.merges.push_back(source);
    }
  }

  static void Merge(const YamlNode* source, OpenNode& map) {
    for (const YamlEntry& entry : source->entries) {
      // The views stay valid: `entries` of a complete node never changes.
      if (map.keys.insert(entry.key).second) map.node->entries.push_back(entry);
    }
  }

  YamlDocument& document_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::vector<OpenNode> open_;
  absl::flat_hash_map<std::string, const YamlNode*> anchors_;
  int aliased_nodes_ = 0;
  size_t aliased_bytes_ = 0;
  int documents_ = 0;
  bool failed_ = false;
};

const YamlEntry* YamlNode::Find(absl::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::optional<YamlDocument> YamlDocument::Parse(const std::string& text, const std::string& file,
                                                Diagnostics& diagnostics) {
  YamlDocument document;
  YamlTreeBuilder builder(document, file, diagnostics);
  YamlEvents events(text);
  while (std::optional<YamlEvent> event = events.Next()) {
    if (!builder.Take(*event)) return std::nullopt;
  }
  if (const std::optional<YamlEvents::Mistake>& mistake = events.mistake()) {
    diagnostics.AddError({file, mistake->line, mistake->column}, "", mistake->message);
    return std::nullopt;
  }
  if (document.root_ == nullptr) document.root_ = &document.nodes_.emplace_back();
  return document;
}

}  // namespace nopo
