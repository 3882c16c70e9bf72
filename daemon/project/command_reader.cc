#include "daemon/project/command_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace nopo {
namespace {

constexpr int kDeepestLevel = 3;
// What sub-commands inherit is copied to each: a large `env` and many sub-commands multiply.
constexpr size_t kMostInheritedBytes = 16 << 20;

// A command of these names could never be reached, or would hide what nopo itself does.
constexpr std::array<absl::string_view, 9> kReserved = {"build", "down",   "env", "list",   "pull",
                                                        "run",   "status", "up",  "command"};
// These can be reached by `nopo command NAME` only.
constexpr std::array<absl::string_view, 9> kShadowed = {
    "logs", "exec", "watch", "graph", "daemon", "doctor", "completion", "version", "help"};

template <size_t kSize>
bool IsOneOf(absl::string_view name, const std::array<absl::string_view, kSize>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool CheckName(const std::string& name, int level, const ConfigValue& value) {
  if (!IsName(name)) {
    value.AddKeyError(absl::StrCat("found the command name ", Quoted(name),
                                   "; expected letters, digits, '.', '_' and '-'"));
    return false;
  }
  if (level > 1) return true;
  if (IsOneOf(name, kReserved)) {
    value.AddKeyError(absl::StrCat("found the command name '", name,
                                   "', which is nopo's own; expected another name"));
    return false;
  }
  if (IsOneOf(name, kShadowed)) {
    value.AddKeyWarning(absl::StrCat("nopo has a command '", name,
                                     "' of its own; this one runs as 'nopo command ", name, "'"));
  }
  return true;
}

void ReadContext(const ConfigValue& value, CommandContext& context) {
  if (value.Spelling() == "host") {
    context = CommandContext::kHost;
  } else if (value.Spelling() == "container") {
    context = CommandContext::kContainer;
  } else {
    value.Reject("'host' or 'container'");
  }
}

// About what a sub-command of `parent` costs to keep, apart from its own text.
size_t InheritedBytes(const Command& parent) {
  constexpr size_t kOverhead = 64;
  size_t bytes = parent.path.size() + parent.dir.size() + parent.dir_key.path.size() +
                 parent.dir_key.location.file.size();
  for (const auto& [name, value] : parent.env) bytes += name.size() + value.size() + kOverhead;
  return bytes;
}

// Reads the commands of one file.
class CommandReader {
 public:
  std::vector<Command> ReadLevel(const ConfigValue& commands, const Command& parent, int level) {
    std::vector<Command> read;
    if (!commands.IsMap() && !commands.IsNull()) commands.Reject("a map of commands");
    const size_t inherited = InheritedBytes(parent);
    for (const auto& [name, value] : commands.Entries()) {
      if (!CheckName(name, level, value)) continue;
      inherited_bytes_ += inherited;
      if (inherited_bytes_ > kMostInheritedBytes) {
        value.AddKeyError(absl::StrCat("found that sub-commands inherit more than ",
                                       kMostInheritedBytes >> 20,
                                       " MiB of 'env' and 'dir'; expected less"));
        break;
      }
      read.push_back(ReadCommand(name, value, parent, level));
    }
    return read;
  }

 private:
  // Exactly one of `command` and `commands`.
  void ReadBody(const ConfigValue& value, ConfigMap& map, int level, Command& command) {
    const auto run = map.Take("command");
    const auto children =
        level == kDeepestLevel ? map.TakeMisplaced("commands") : map.Take("commands");
    if (run.has_value() == children.has_value()) {
      value.AddError(run.has_value()
                         ? "found both 'command' and 'commands'; expected one of them"
                         : "found neither 'command' nor 'commands'; expected one of them");
    } else if (run.has_value()) {
      command.run = run->NonEmptyText("a command line").value_or("");
    } else if (level == kDeepestLevel) {
      children->AddError(absl::StrCat("found sub-commands at level ", level + 1,
                                      "; expected at most ", kDeepestLevel, " levels"));
    } else {
      command.children = ReadLevel(*children, command, level + 1);
      if (!children->IsList() && !children->IsText() && children->Entries().empty()) {
        children->AddError("found no commands in it; expected at least one sub-command");
      }
    }
  }

  void ReadLongForm(const ConfigValue& value, int level, Command& command) {
    ConfigMap map(value);
    if (const auto env = map.TakeSet("env")) {
      for (auto& [name, text] : ReadEnvironment(*env)) command.env[name] = text;
    }
    if (const auto dir = map.TakeSet("dir")) {
      command.dir = dir->Text().value_or(command.dir);
      command.dir_key = dir->key();
    }
    if (const auto context = map.TakeSet("context")) ReadContext(*context, command.context);
    // Present but empty means "none", which is not the same as absent.
    const auto dependencies =
        level == 1 ? map.Take("dependencies") : map.TakeMisplaced("dependencies");
    if (dependencies.has_value() && level == 1) {
      command.dependencies = ReadDependencies(*dependencies);
    } else if (dependencies.has_value()) {
      dependencies->AddKeyError(
          "found dependencies of a sub-command; expected them at its top-level command");
    }
    ReadBody(value, map, level, command);
    map.WarnOfUnknownKeys();
  }

  Command ReadCommand(const std::string& name, const ConfigValue& value, const Command& parent,
                      int level) {
    Command command;
    command.name = name;
    command.path = level == 1 ? name : absl::StrCat(parent.path, ":", name);
    command.location = value.key_location();
    command.env = parent.env;
    command.dir = parent.dir;
    command.dir_key = parent.dir_key;
    command.context = parent.context;
    if (value.IsMap()) {
      ReadLongForm(value, level, command);
    } else if (!value.IsText() || absl::StripAsciiWhitespace(value.Spelling()).empty()) {
      value.Reject("a command line, or a map with 'command' or 'commands'");
    } else {
      command.run = value.Spelling();
    }
    return command;
  }

  size_t inherited_bytes_ = 0;
};

}  // namespace

std::vector<Command> ReadCommands(const ConfigValue& commands) {
  return CommandReader().ReadLevel(commands, Command(), 1);
}

}  // namespace nopo
