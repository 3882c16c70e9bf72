#include "daemon/project/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

constexpr size_t kDeepestNesting = 64;
constexpr int kMostAliasedNodes = 10'000;

// Ends the parse: thrown through yaml-cpp by the tree builder, caught in Parse.
struct FatalMistake {
  YAML::Mark mark;
  std::string message;
};

bool KnownTag(absl::string_view tag) {
  constexpr absl::string_view kCore = "tag:yaml.org,2002:";
  if (tag.empty() || tag == "?" || tag == "!") return true;
  if (!absl::StartsWith(tag, kCore)) return false;
  tag.remove_prefix(kCore.size());
  return tag == "str" || tag == "int" || tag == "float" || tag == "bool" || tag == "null" ||
         tag == "map" || tag == "seq" || tag == "merge";
}

}  // namespace

// Builds the tree from the parser's events, and stops it as soon as a limit is passed: the parser
// recurses one level an event at most, so the limit on nesting bounds its stack too.
class YamlTreeBuilder final : public YAML::EventHandler {
 public:
  YamlTreeBuilder(YamlDocument& document, const std::string& file, Diagnostics& diagnostics)
      : document_(document), file_(file), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw FatalMistake{mark, "found a second document; expected one document a file"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Attach(Complete(NewNode(YamlNode::Kind::kNull, mark, anchor)), mark);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckTag(tag, mark);
    YamlNode* node = NewNode(YamlNode::Kind::kScalar, mark, anchor);
    node->text = value;
    node->plain = tag == "?" || tag.empty();
    Attach(Complete(node), mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const YamlNode* target = anchors_[anchor];
    if (target == nullptr || !target->complete) {
      throw FatalMistake{mark,
                         "found an alias inside of what it stands for; expected one that "
                         "comes after"};
    }
    aliased_nodes_ += target->nodes;
    if (aliased_nodes_ > kMostAliasedNodes) {
      throw FatalMistake{mark, absl::StrCat("aliases expand to more than ", kMostAliasedNodes,
                                            " nodes; expected fewer aliases")};
    }
    Attach(target, mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override {
    for (const YamlNode* source : open_.back().merges) Merge(source, open_.back());
    Close();
  }

 private:
  // A list or map whose end has not come yet.
  struct OpenNode {
    YamlNode* node;
    YAML::Mark mark;
    bool has_key = false;  // A key has come, its value not.
    bool merging = false;  // That key is `<<`.
    YamlEntry entry;
    absl::flat_hash_set<std::string> keys;
    std::vector<const YamlNode*> merges;
  };

  YamlNode* NewNode(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    YamlNode& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
    return &node;
  }

  static const YamlNode* Complete(YamlNode* node) {
    node->complete = true;
    return node;
  }

  void CheckTag(const std::string& tag, const YAML::Mark& mark) {
    if (KnownTag(tag)) return;
    throw FatalMistake{mark, absl::StrCat("found the tag ", Quoted(tag), "; expected no tag")};
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    CheckTag(tag, mark);
    if (open_.size() >= kDeepestNesting) {
      throw FatalMistake{mark, absl::StrCat("found nesting deeper than ", kDeepestNesting,
                                            " levels; expected less")};
    }
    if (ExpectsKey()) RejectKey(mark);
    open_.push_back({NewNode(kind, mark, anchor), mark});
  }

  void Close() {
    OpenNode closed = std::move(open_.back());
    open_.pop_back();
    Attach(Complete(closed.node), closed.mark);
  }

  bool ExpectsKey() const {
    return !open_.empty() && open_.back().node->kind == YamlNode::Kind::kMap &&
           !open_.back().has_key;
  }

  [[noreturn]] static void RejectKey(const YAML::Mark& mark) {
    throw FatalMistake{mark, "found a key that is no plain text; expected 'key: value'"};
  }

  void Attach(const YamlNode* node, const YAML::Mark& mark) {
    if (open_.empty()) {
      document_.root_ = node;
      return;
    }
    if (ExpectsKey()) {
      TakeKey(*node, mark);
      return;
    }
    OpenNode& parent = open_.back();
    parent.node->nodes += node->nodes;
    if (parent.node->kind == YamlNode::Kind::kList) {
      parent.node->items.push_back(node);
      return;
    }
    parent.has_key = false;
    if (std::exchange(parent.merging, false)) {
      AddMerge(node, mark, parent);
    } else {
      parent.entry.value = node;
      parent.node->entries.push_back(std::move(parent.entry));
    }
  }

  void TakeKey(const YamlNode& node, const YAML::Mark& mark) {
    if (node.kind != YamlNode::Kind::kScalar) RejectKey(mark);
    OpenNode& map = open_.back();
    map.has_key = true;
    map.merging = node.plain && node.text == "<<";
    if (map.merging) return;
    map.entry = {node.text, nullptr, mark.line + 1, mark.column + 1};
    if (map.keys.insert(node.text).second) return;
    diagnostics_.AddError(
        {file_, mark.line + 1, mark.column + 1}, "",
        absl::StrCat("found the key ", Quoted(node.text), " twice; expected each key once"));
  }

  void AddMerge(const YamlNode* node, const YAML::Mark& mark, OpenNode& map) {
    std::vector<const YamlNode*> sources = {node};
    if (node->kind == YamlNode::Kind::kList) sources = node->items;
    for (const YamlNode* source : sources) {
      if (source->kind != YamlNode::Kind::kMap) {
        throw FatalMistake{mark,
                           "'<<' merges something that is no map; expected a map or a list "
                           "of maps"};
      }
      map.merges.push_back(source);
    }
  }

  static void Merge(const YamlNode* source, OpenNode& map) {
    for (const YamlEntry& entry : source->entries) {
      if (map.keys.insert(entry.key).second) map.node->entries.push_back(entry);
    }
  }

  YamlDocument& document_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::vector<OpenNode> open_;
  std::map<YAML::anchor_t, const YamlNode*> anchors_;
  int aliased_nodes_ = 0;
  int documents_ = 0;
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
  const auto fail = [&](const YAML::Mark& mark, absl::string_view message) {
    diagnostics.AddError({file, mark.line + 1, mark.column + 1}, "", message);
    return std::nullopt;
  };
  try {
    std::istringstream input(text);
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const FatalMistake& mistake) {
    return fail(mistake.mark, mistake.message);
  } catch (const YAML::Exception& exception) {
    return fail(exception.mark, absl::StrCat("found ", exception.msg, "; expected valid YAML"));
  }
  if (document.root_ == nullptr) document.root_ = &document.nodes_.emplace_back();
  return document;
}

}  // namespace nopo
