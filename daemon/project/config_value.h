// Typed access to the values of a configuration file. What does not fit is reported with its place
// and key path, and reading goes on, so that one load shows all mistakes.
//
// A null value ("key:" with nothing behind it) counts as absent, except where said otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/project/diagnostics.h"
#include "daemon/project/yaml_document.h"

namespace nopo {

// A value, the place and the key path it has. Cheap to copy; refers to the document, the file's
// name and the diagnostics, which must outlive it.
class ConfigValue {
 public:
  // The document as a whole.
  ConfigValue(const YamlNode& root, const std::string& file, Diagnostics& diagnostics);

  bool IsNull() const { return node_->kind == YamlNode::Kind::kNull; }
  bool IsText() const { return node_->kind == YamlNode::Kind::kScalar; }
  bool IsList() const { return node_->kind == YamlNode::Kind::kList; }
  bool IsMap() const { return node_->kind == YamlNode::Kind::kMap; }

  // The spelling of a scalar, without complaint; "" for anything else.
  const std::string& Spelling() const { return node_->text; }
  // Of the document.
  const YamlNode& node() const { return *node_; }
  // "commands.check.env", "services.dirs[1]"; "" for the document.
  std::string path() const;
  SourceLocation location() const { return {*file_, line_, column_}; }
  ConfigKey key() const { return {location(), path()}; }
  // Of the key in front of it; of an element of a list its own.
  SourceLocation key_location() const { return {*file_, key_line_, key_column_}; }
  Diagnostics& diagnostics() const { return *diagnostics_; }

  // These report what does not fit and return nothing then. `expected` completes "expected ...".
  std::optional<std::string> Text(absl::string_view expected = "text") const;
  std::optional<std::string> NonEmptyText(absl::string_view expected) const;
  std::optional<bool> Boolean() const;
  std::optional<int64_t> Integer(int64_t smallest, int64_t largest) const;
  // The scalars of a list. A scalar alone is a list of one if `or_text`.
  std::vector<std::string> TextList(bool or_text = false) const;
  // Without complaint: the elements of a list; the entries of a map, in file order.
  std::vector<ConfigValue> Items() const;
  std::vector<std::pair<std::string, ConfigValue>> Entries() const;
  // The entry's place is that of its key when it is null.
  std::optional<ConfigValue> Find(absl::string_view key) const;

  // "path: found 'x'; expected ..."
  void Reject(absl::string_view expected) const;
  void AddError(absl::string_view message) const;
  // For what is wrong with the key: the place is the key's.
  void AddKeyError(absl::string_view message) const;
  void AddKeyWarning(absl::string_view message) const;

 private:
  // Paths are put together when somebody asks. All children of a value share their parent's.
  using SharedPath = std::shared_ptr<const std::string>;
  ConfigValue(const ConfigValue& parent, const YamlNode& node, SharedPath parent_path);
  ConfigValue Child(const YamlEntry& entry, SharedPath parent_path) const;

  const YamlNode* node_;
  SharedPath parent_path_;  // Null for the document.
  absl::string_view key_;   // In the document; empty for an element of a list.
  size_t index_ = 0;        // Of an element of a list.
  bool is_element_ = false;
  const std::string* file_;
  Diagnostics* diagnostics_;
  int line_, column_;
  int key_line_, key_column_;
};

// A map of which certain keys are known: those that were asked for.
class ConfigMap {
 public:
  // Reports a `value` that is neither map nor null; the map is then empty.
  explicit ConfigMap(const ConfigValue& value);

  // Null values included.
  std::optional<ConfigValue> Take(absl::string_view key);
  // Without null values.
  std::optional<ConfigValue> TakeSet(absl::string_view key);
  // For a key that belongs elsewhere, which the caller reports: it is no unknown one, nor
  // suggested.
  std::optional<ConfigValue> TakeMisplaced(absl::string_view key);
  // Leave `out` alone when the key is absent or its value does not fit.
  void Read(absl::string_view key, std::string& out);
  void Read(absl::string_view key, bool& out);
  void Read(absl::string_view key, std::optional<bool>& out);
  void Read(absl::string_view key, std::vector<std::string>& out, bool or_text = false);
  void ReadInteger(absl::string_view key, int64_t smallest, int64_t largest, int& out);

  // Every key that was not asked for is a warning that names the nearest that was, else all of
  // them.
  void WarnOfUnknownKeys() const;
  // The same as errors, for maps where ignoring a key would change what it means. Keys that start
  // with "x-" are free for the user.
  void RejectUnknownKeys() const;

 private:
  std::vector<std::pair<std::string, ConfigValue>> UnknownEntries() const;
  // What to write instead of `key`.
  std::string Expected(absl::string_view key) const;

  ConfigValue value_;
  std::vector<std::string> known_;
  std::vector<std::string> misplaced_;
};

// A map of variables; values keep their spelling, null is "". Names are any text without blanks,
// control characters and '='.
EnvironmentMap ReadEnvironment(const ConfigValue& value);
// A list of target names, each a dependency on the same command as the dependent's.
std::vector<Dependency> ReadDependencyList(const ConfigValue& value);
// That, or a map from target name to a command or a list of commands.
std::vector<Dependency> ReadDependencies(const ConfigValue& value);

// True for `[A-Za-z0-9][A-Za-z0-9._-]*`: names of targets and commands.
bool IsName(absl::string_view text);

}  // namespace nopo
