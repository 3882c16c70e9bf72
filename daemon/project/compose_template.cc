#include "daemon/project/compose_template.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "daemon/project/compose_attributes_reader.h"

namespace nopo {
namespace {

constexpr char kKey[] = "compose";

bool HasVariable(const YamlNode& node) {
  return absl::StrContains(node.text, '$') ||
         std::any_of(node.items.begin(), node.items.end(),
                     [](const YamlNode* item) { return HasVariable(*item); }) ||
         std::any_of(node.entries.begin(), node.entries.end(),
                     [](const YamlEntry& entry) { return HasVariable(*entry.value); });
}

// What becomes of a text; `path` is its key's.
using TextChange = std::function<std::string(const YamlNode& node, const std::string& path)>;

// A copy in `nodes`. The depth of a document is bounded.
const YamlNode* CopyTree(const YamlNode& node, const std::string& path, const TextChange& change,
                         std::deque<YamlNode>& nodes) {
  YamlNode& copy = nodes.emplace_back(node);
  if (node.kind == YamlNode::Kind::kScalar) copy.text = change(node, path);
  for (size_t i = 0; i < copy.items.size(); ++i) {
    copy.items[i] = CopyTree(*node.items[i], absl::StrCat(path, "[", i, "]"), change, nodes);
  }
  for (YamlEntry& entry : copy.entries) {
    entry.value = CopyTree(*entry.value, absl::StrCat(path, ".", entry.key), change, nodes);
  }
  return &copy;
}

YamlNode DocumentOf(const YamlNode* compose) {
  YamlNode document;
  document.kind = YamlNode::Kind::kMap;
  document.entries = {
      {.key = kKey, .value = compose, .line = compose->line, .column = compose->column}};
  return document;
}

ComposeAttributes Read(const YamlNode& document, const std::string& file,
                       const std::filesystem::path& dir, Diagnostics& diagnostics) {
  return ReadComposeAttributes(*ConfigValue(document, file, diagnostics).Find(kKey), dir);
}

}  // namespace

std::shared_ptr<const ComposeTemplate> ComposeTemplate::Of(const ConfigValue& compose,
                                                           const std::filesystem::path& dir) {
  if (!HasVariable(compose.node())) return nullptr;
  return std::shared_ptr<const ComposeTemplate>(new ComposeTemplate(compose, dir));
}

ComposeTemplate::ComposeTemplate(const ConfigValue& compose, const std::filesystem::path& dir)
    : file_(compose.location().file), dir_(dir) {
  const auto as_it_is = [](const YamlNode& node, const std::string&) { return node.text; };
  root_ = DocumentOf(CopyTree(compose.node(), kKey, as_it_is, nodes_));
}

ComposeAttributes ComposeTemplate::ReadFixed(Diagnostics& diagnostics) const {
  YamlNode fixed = *root_.entries[0].value;
  fixed.entries.erase(
      std::remove_if(fixed.entries.begin(), fixed.entries.end(),
                     [](const YamlEntry& entry) { return HasVariable(*entry.value); }),
      fixed.entries.end());
  return Read(DocumentOf(&fixed), file_, dir_, diagnostics);
}

absl::StatusOr<ComposeAttributes> ComposeTemplate::Resolve(const VariableLookup& variables) const {
  Diagnostics diagnostics;
  const auto interpolate = [&](const YamlNode& node, const std::string& path) {
    const absl::StatusOr<std::string> text = Interpolate(node.text, variables);
    if (text.ok()) return *text;
    diagnostics.AddError({file_, node.line, node.column}, path, text.status().message());
    return node.text;
  };
  std::deque<YamlNode> nodes;
  const YamlNode* compose = CopyTree(*root_.entries[0].value, kKey, interpolate, nodes);
  NOPO_RETURN_IF_ERROR(diagnostics.ToStatus());
  ComposeAttributes attributes = Read(DocumentOf(compose), file_, dir_, diagnostics);
  NOPO_RETURN_IF_ERROR(diagnostics.ToStatus());
  return attributes;
}

absl::StatusOr<Target> WithVariables(const Target& target, const EnvironmentMap& environment,
                                     const EnvironmentMap& dotenv) {
  Target resolved = target;
  if (target.compose_template == nullptr) return resolved;
  const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
    for (const EnvironmentMap* variables : {&environment, &dotenv}) {
      if (const auto found = variables->find(name); found != variables->end()) {
        return found->second;
      }
    }
    return std::nullopt;
  };
  NOPO_ASSIGN_OR_RETURN(resolved.compose, target.compose_template->Resolve(lookup));
  return resolved;
}

}  // namespace nopo
