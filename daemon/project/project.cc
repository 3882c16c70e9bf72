#include "daemon/project/project.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nopo {
namespace {

void AppendPaths(const std::vector<Command>& commands, std::vector<std::string>& paths) {
  for (const Command& command : commands) {
    paths.push_back(command.path);
    AppendPaths(command.children, paths);
  }
}

bool Contains(const std::filesystem::path& outer, const std::filesystem::path& inner) {
  const auto [end, unused] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

}  // namespace

std::string SourceLocation::ToString() const {
  if (line == 0) return file;
  return column == 0 ? absl::StrCat(file, ":", line) : absl::StrCat(file, ":", line, ":", column);
}

std::string ConfigKey::Prefix() const {
  return location.file.empty() ? "" : absl::StrCat(location.ToString(), ": ", path, ": ");
}

std::string CommandKey(const Target& target, absl::string_view name) {
  return absl::StrCat(target.kind == TargetKind::kRoot ? "root." : "", "commands.", name);
}

const Command* Target::FindCommand(absl::string_view path) const {
  const std::vector<Command>* level = &commands;
  const Command* found = nullptr;
  for (const absl::string_view name : absl::StrSplit(path, ':')) {
    const auto it = std::find_if(level->begin(), level->end(),
                                 [&](const Command& command) { return command.name == name; });
    if (it == level->end()) return nullptr;
    found = &*it;
    level = &found->children;
  }
  return found;
}

std::vector<std::string> Target::CommandPaths() const {
  std::vector<std::string> paths;
  AppendPaths(commands, paths);
  return paths;
}

bool Target::Buildable() const {
  if (kind == TargetKind::kRoot || !image.empty()) return false;
  return kind == TargetKind::kService || !dockerfile.empty() ||
         (build.has_value() && !build->command.empty());
}

const Target* Project::FindTarget(absl::string_view id) const {
  // Spelt as the directory is, as dependencies are: the order finds it.
  const auto at =
      std::lower_bound(targets.begin(), targets.end(), id,
                       [](const Target& target, absl::string_view key) { return target.id < key; });
  if (at != targets.end() && at->id == id) return &*at;
  for (const Target& target : targets) {
    if (absl::EqualsIgnoreCase(target.id, id)) return &target;
  }
  return absl::EqualsIgnoreCase(root_name, id) ? &root_target : nullptr;
}

const Target* Project::TargetContaining(const std::filesystem::path& dir) const {
  const std::filesystem::path normal = dir.lexically_normal();
  const Target* innermost = Contains(root, normal) ? &root_target : nullptr;
  for (const Target& target : targets) {
    if (!Contains(target.dir, normal)) continue;
    if (innermost == nullptr || Contains(innermost->dir, target.dir)) innermost = &target;
  }
  return innermost;
}

int Project::ListedCount() const {
  return static_cast<int>(targets.size()) + (root_target.commands.empty() ? 0 : 1);
}

std::vector<std::string> Project::TargetIds() const {
  std::vector<std::string> ids;
  ids.reserve(targets.size());
  for (const Target& target : targets) ids.push_back(target.id);
  return ids;
}

}  // namespace nopo
