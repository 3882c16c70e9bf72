#include "daemon/project/config_value.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nopo {

ConfigValue::ConfigValue(const YamlNode& root, const std::string& file, Diagnostics& diagnostics)
    : node_(&root),
      file_(&file),
      diagnostics_(&diagnostics),
      line_(root.line),
      column_(root.column),
      key_line_(root.line),
      key_column_(root.column) {}

ConfigValue::ConfigValue(const ConfigValue& parent, const YamlNode& node, SharedPath parent_path)
    : node_(&node),
      parent_path_(std::move(parent_path)),
      file_(parent.file_),
      diagnostics_(parent.diagnostics_),
      line_(node.line),
      column_(node.column),
      key_line_(node.line),
      key_column_(node.column) {}

std::string ConfigValue::path() const {
  if (parent_path_ == nullptr) return "";
  if (is_element_) return absl::StrCat(*parent_path_, "[", index_, "]");
  return absl::StrCat(*parent_path_, parent_path_->empty() ? "" : ".", key_);
}

std::optional<std::string> ConfigValue::Text(absl::string_view expected) const {
  if (IsText()) return node_->text;
  Reject(expected);
  return std::nullopt;
}

std::optional<std::string> ConfigValue::NonEmptyText(absl::string_view expected) const {
  if (IsText() && !absl::StripAsciiWhitespace(node_->text).empty()) return node_->text;
  Reject(expected);
  return std::nullopt;
}

std::optional<bool> ConfigValue::Boolean() const {
  if (IsText() && node_->text == "true") return true;
  if (IsText() && node_->text == "false") return false;
  Reject("true or false");
  return std::nullopt;
}

std::optional<int64_t> ConfigValue::Integer(int64_t smallest, int64_t largest) const {
  int64_t number = 0;
  const bool digits = IsText() && !node_->text.empty() &&
                      std::all_of(node_->text.begin(), node_->text.end(), absl::ascii_isdigit);
  if (digits && absl::SimpleAtoi(node_->text, &number) && number >= smallest && number <= largest) {
    return number;
  }
  Reject(absl::StrCat("a whole number from ", smallest, " to ", largest));
  return std::nullopt;
}

std::vector<std::string> ConfigValue::TextList(bool or_text) const {
  std::vector<std::string> list;
  if (or_text && IsText()) return {node_->text};
  if (!IsList()) {
    Reject(or_text ? "text or a list of texts" : "a list of texts");
    return list;
  }
  for (const ConfigValue& item : Items()) {
    if (std::optional<std::string> text = item.NonEmptyText("non-empty text")) {
      list.push_back(*std::move(text));
    }
  }
  return list;
}

std::vector<ConfigValue> ConfigValue::Items() const {
  std::vector<ConfigValue> items;
  items.reserve(node_->items.size());
  const auto shared = std::make_shared<const std::string>(path());
  for (const YamlNode* item : node_->items) {
    ConfigValue& value = items.emplace_back(ConfigValue(*this, *item, shared));
    value.index_ = items.size() - 1;
    value.is_element_ = true;
  }
  return items;
}

ConfigValue ConfigValue::Child(const YamlEntry& entry, SharedPath parent_path) const {
  ConfigValue child(*this, *entry.value, std::move(parent_path));
  child.key_ = entry.key;
  child.key_line_ = entry.line;
  child.key_column_ = entry.column;
  // A null has no place worth showing.
  if (child.IsNull()) {
    child.line_ = entry.line;
    child.column_ = entry.column;
  }
  return child;
}

std::vector<std::pair<std::string, ConfigValue>> ConfigValue::Entries() const {
  std::vector<std::pair<std::string, ConfigValue>> entries;
  entries.reserve(node_->entries.size());
  const auto shared = std::make_shared<const std::string>(path());
  for (const YamlEntry& entry : node_->entries) {
    entries.emplace_back(entry.key, Child(entry, shared));
  }
  return entries;
}

std::optional<ConfigValue> ConfigValue::Find(absl::string_view key) const {
  const YamlEntry* entry = node_->Find(key);
  if (entry == nullptr) return std::nullopt;
  return Child(*entry, std::make_shared<const std::string>(path()));
}

void ConfigValue::Reject(absl::string_view expected) const {
  std::string found;
  switch (node_->kind) {
    case YamlNode::Kind::kNull:
      found = "nothing";
      break;
    case YamlNode::Kind::kScalar:
      found = Quoted(node_->text);
      break;
    case YamlNode::Kind::kList:
      found = "a list";
      break;
    case YamlNode::Kind::kMap:
      found = "a map";
      break;
  }
  AddError(absl::StrCat("found ", found, "; expected ", expected));
}

void ConfigValue::AddError(absl::string_view message) const {
  diagnostics_->AddError(location(), path(), message);
}

void ConfigValue::AddKeyError(absl::string_view message) const {
  diagnostics_->AddError(key_location(), path(), message);
}

void ConfigValue::AddKeyWarning(absl::string_view message) const {
  diagnostics_->AddWarning(key_location(), path(), message);
}

ConfigMap::ConfigMap(const ConfigValue& value) : value_(value) {
  if (!value.IsMap() && !value.IsNull()) value.Reject("a map");
}

std::optional<ConfigValue> ConfigMap::Take(absl::string_view key) {
  known_.emplace_back(key);
  return value_.Find(key);
}

std::optional<ConfigValue> ConfigMap::TakeSet(absl::string_view key) {
  std::optional<ConfigValue> value = Take(key);
  if (value.has_value() && value->IsNull()) value.reset();
  return value;
}

std::optional<ConfigValue> ConfigMap::TakeMisplaced(absl::string_view key) {
  misplaced_.emplace_back(key);
  return value_.Find(key);
}

void ConfigMap::Read(absl::string_view key, std::string& out) {
  if (const auto value = TakeSet(key)) out = value->Text().value_or(out);
}

void ConfigMap::Read(absl::string_view key, bool& out) {
  if (const auto value = TakeSet(key)) out = value->Boolean().value_or(out);
}

void ConfigMap::Read(absl::string_view key, std::optional<bool>& out) {
  if (const auto value = TakeSet(key)) out = value->Boolean();
}

void ConfigMap::Read(absl::string_view key, std::vector<std::string>& out, bool or_text) {
  if (const auto value = TakeSet(key)) out = value->TextList(or_text);
}

void ConfigMap::ReadInteger(absl::string_view key, int64_t smallest, int64_t largest, int& out) {
  if (const auto value = TakeSet(key)) {
    out = static_cast<int>(value->Integer(smallest, largest).value_or(out));
  }
}

std::vector<std::pair<std::string, ConfigValue>> ConfigMap::UnknownEntries() const {
  std::vector<std::pair<std::string, ConfigValue>> unknown = value_.Entries();
  const auto is_in = [](const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  std::erase_if(unknown, [&](const auto& entry) {
    return entry.first.starts_with("x-") || is_in(known_, entry.first) ||
           is_in(misplaced_, entry.first);
  });
  return unknown;
}

std::string ConfigMap::Expected(absl::string_view key) const {
  std::string nearest = value_.diagnostics().DidYouMean(key, known_);
  if (!nearest.empty() || known_.empty()) return nearest;
  return absl::StrCat("; expected one of ", absl::StrJoin(known_, ", "));
}

void ConfigMap::WarnOfUnknownKeys() const {
  for (const auto& [key, value] : UnknownEntries()) {
    value.AddKeyWarning(absl::StrCat("unknown key ", Quoted(key), Expected(key)));
  }
}

void ConfigMap::RejectUnknownKeys() const {
  for (const auto& [key, value] : UnknownEntries()) {
    value.AddKeyError(
        absl::StrCat("found the key ", Quoted(key), ", which nopo can't honour", Expected(key)));
  }
}

namespace {

// What a process can be given and a Dockerfile can name. Bytes up to ' ' are blanks, NUL and other
// control characters.
bool IsVariableName(absl::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c != '='; });
}

}  // namespace

EnvironmentMap ReadEnvironment(const ConfigValue& value) {
  EnvironmentMap environment;
  if (!value.IsMap() && !value.IsNull()) value.Reject("a map of variables");
  for (const auto& [name, entry] : value.Entries()) {
    if (!IsVariableName(name)) {
      entry.AddKeyError(absl::StrCat("found the variable ", Quoted(name),
                                     "; expected a name without blanks and '='"));
    } else if (entry.IsNull()) {
      environment[name] = "";
    } else if (const auto text = entry.Text()) {
      environment[name] = *text;
    }
  }
  return environment;
}

std::vector<Dependency> ReadDependencyList(const ConfigValue& value) {
  std::vector<Dependency> dependencies;
  if (!value.IsList()) {
    if (!value.IsNull()) value.Reject("a list of targets");
    return dependencies;
  }
  for (const ConfigValue& item : value.Items()) {
    if (const auto name = item.NonEmptyText("the name of a target")) {
      dependencies.push_back({*name, {}, item.location()});
    }
  }
  return dependencies;
}

std::vector<Dependency> ReadDependencies(const ConfigValue& value) {
  if (value.IsText()) {
    value.Reject("a list of targets, or a map from targets to commands");
    return {};
  }
  if (!value.IsMap()) return ReadDependencyList(value);
  std::vector<Dependency> dependencies;
  for (const auto& [name, commands] : value.Entries()) {
    Dependency dependency{name, {}, commands.key_location()};
    if (!commands.IsNull()) dependency.commands = commands.TextList(/*or_text=*/true);
    if (commands.IsList() && commands.Items().empty())
      commands.AddError("found an empty list; expected at least one command");
    dependencies.push_back(std::move(dependency));
  }
  return dependencies;
}

bool IsName(absl::string_view text) {
  return !text.empty() && absl::ascii_isalnum(text[0]) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace nopo
