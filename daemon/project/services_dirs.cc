#include "daemon/project/services_dirs.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/project/glob.h"

namespace nopo {
namespace {

using Components = std::vector<std::string>;

// No system opens a longer path.
constexpr size_t kLongestPattern = 4096;
// Each `**` looks at each directory of the project, and there can be many of both.
constexpr int kMostSteps = 200'000;

class TargetDirFinder {
 public:
  TargetDirFinder(ProjectFiles& files, Diagnostics& diagnostics)
      : files_(files), diagnostics_(diagnostics) {}

  TargetDirs Find(const std::vector<ServicesDirPattern>& patterns) {
    for (const ServicesDirPattern& pattern : patterns) {
      if (!pattern.IsExclusion()) continue;
      if (auto components = RelativeComponents(pattern)) {
        exclusions_.push_back(*std::move(components));
      }
    }
    for (const ServicesDirPattern& pattern : patterns) {
      if (!pattern.IsExclusion()) AddMatches(pattern);
    }
    for (const std::filesystem::path& dir : found_.services_dirs) AddTargetsOf(dir);
    std::sort(found_.targets.begin(), found_.targets.end());
    return std::move(found_);
  }

 private:
  // Components of the pattern from the root; empty, and reported, when it leads out of the project.
  std::optional<Components> RelativeComponents(const ServicesDirPattern& pattern) {
    const std::string text(absl::StripPrefix(pattern.text, "!"));
    if (text.size() > kLongestPattern) {
      diagnostics_.AddError(pattern.location, pattern.key,
                            absl::StrCat("found ", Quoted(pattern.text), "; expected at most ",
                                         kLongestPattern, " characters"));
      return std::nullopt;
    }
    const std::filesystem::path path = (files_.root() / text).lexically_normal();
    const std::string relative = path.lexically_relative(files_.root()).native();
    Components components = PathComponents(relative);
    if (components.empty() || components[0] != "..") return components;
    diagnostics_.AddError(pattern.location, pattern.key,
                          absl::StrCat("found ", Quoted(pattern.text),
                                       ", which is outside of the project; expected a directory "
                                       "inside"));
    return std::nullopt;
  }

  // Excluded itself, or inside of something excluded.
  bool IsExcluded(const Components& path) const {
    Components prefix;
    for (const std::string& component : path) {
      prefix.push_back(component);
      for (const Components& exclusion : exclusions_) {
        if (MatchesPath(exclusion, prefix)) return true;
      }
    }
    return false;
  }

  void AddMatches(const ServicesDirPattern& pattern) {
    const std::optional<Components> components = RelativeComponents(pattern);
    if (!components.has_value()) return;
    if (!std::any_of(components->begin(), components->end(), HasWildcard)) {
      AddLiteral(pattern, *components);
      return;
    }
    visited_.clear();
    const bool had_steps = steps_ <= kMostSteps;
    Components path;
    Expand(files_.root().native(), path, *components, 0);
    if (had_steps && steps_ > kMostSteps) {
      diagnostics_.AddError(pattern.location, pattern.key,
                            absl::StrCat("found globs that look at more than ", kMostSteps,
                                         " directories; expected fewer or narrower ones"));
    }
  }

  void AddLiteral(const ServicesDirPattern& pattern, const Components& components) {
    std::filesystem::path dir = files_.root();
    for (const std::string& component : components) dir /= component;
    if (files_.IsDirectory(dir) || pattern.may_be_missing) {
      AddServicesDir(dir, components);
      return;
    }
    diagnostics_.AddError(pattern.location, pattern.key,
                          absl::StrCat("found ", Quoted(pattern.text),
                                       ", where there is no directory; expected an existing one"));
  }

  void AddServicesDir(const std::filesystem::path& dir, const Components& path) {
    if (IsExcluded(path)) return;
    auto& dirs = found_.services_dirs;
    if (std::find(dirs.begin(), dirs.end(), dir) == dirs.end()) dirs.push_back(dir);
  }

  // Adds what `pattern` matches from its component `next` on, inside of `dir`, which is `path`;
  // leaves that as it was. Strings throughout: paths are slow to make and to compare.
  void Expand(const std::string& dir, Components& path, const Components& pattern, size_t next) {
    if (++steps_ > kMostSteps || !visited_.emplace(dir, next).second) return;
    if (next == pattern.size()) {
      AddServicesDir(dir, path);
      return;
    }
    const std::string& component = pattern[next];
    if (component == "**") Expand(dir, path, pattern, next + 1);
    if (!HasWildcard(component)) {
      if (files_.IsDirectory(std::filesystem::path(dir) / component)) {
        Descend(dir, path, component, pattern, next + 1);
      }
      return;
    }
    for (const std::string& name : List(dir)) {
      if (!MatchesComponent(component, name)) continue;
      Descend(dir, path, name, pattern, component == "**" ? next : next + 1);
    }
  }

  void Descend(const std::string& dir, Components& path, const std::string& name,
               const Components& pattern, size_t next) {
    path.push_back(name);
    Expand(absl::StrCat(dir, dir == "/" ? "" : "/", name), path, pattern, next);
    path.pop_back();
  }

  void AddTargetsOf(const std::filesystem::path& services_dir) {
    const Components parent = PathComponents(files_.RelativeName(services_dir));
    for (const std::string& name : List(services_dir.native())) {
      std::filesystem::path dir = services_dir / name;
      Components path = parent;
      path.push_back(name);
      if (!IsExcluded(path) && HasConfigFile(dir)) found_.targets.push_back(std::move(dir));
    }
  }

  bool HasConfigFile(const std::filesystem::path& dir) {
    const ProjectFiles::Presence presence = files_.LookFor(dir / kConfigFileName);
    if (presence == ProjectFiles::Presence::kHidden) {
      diagnostics_.AddWarning(
          {files_.RelativeName(dir)}, "",
          absl::StrCat("cannot be searched for a ", kConfigFileName, ": permission denied"));
    }
    return presence == ProjectFiles::Presence::kPresent;
  }

  // Lists each directory once, however many globs come by.
  const Components& List(const std::string& dir) {
    const auto [it, is_new] = listed_.try_emplace(dir);
    if (is_new) it->second = ListAnew(dir);
    return it->second;
  }

  Components ListAnew(const std::filesystem::path& dir) {
    absl::StatusOr<Components> names = files_.ListDirectories(dir);
    if (names.ok()) return *std::move(names);
    // Only a default that is missing gets here without existing.
    if (std::error_code error; !std::filesystem::exists(dir, error) && !error) return {};
    const SourceLocation place{files_.RelativeName(dir)};
    if (absl::IsPermissionDenied(names.status())) {
      diagnostics_.AddUnreadable(place, names.status().message());
    } else {
      diagnostics_.AddError(place, "", names.status().message());
    }
    return {};
  }

  ProjectFiles& files_;
  Diagnostics& diagnostics_;
  std::vector<Components> exclusions_;
  absl::flat_hash_set<std::pair<std::string, size_t>> visited_;  // By Expand, for one pattern.
  absl::node_hash_map<std::string, Components> listed_;          // Its values stay where they are.
  int steps_ = 0;
  TargetDirs found_;
};

}  // namespace

TargetDirs FindTargetDirs(const std::vector<ServicesDirPattern>& patterns, ProjectFiles& files,
                          Diagnostics& diagnostics) {
  return TargetDirFinder(files, diagnostics).Find(patterns);
}

}  // namespace nopo
