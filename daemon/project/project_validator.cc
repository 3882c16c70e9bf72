#include "daemon/project/project_validator.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "daemon/project/config_value.h"
#include "daemon/project/image_names.h"

namespace nopo {
namespace {

constexpr size_t kLongestImageName = 255;  // Without a registry, as registries have it.

class ProjectValidator {
 public:
  ProjectValidator(Project& project, Diagnostics& diagnostics)
      : project_(project), diagnostics_(diagnostics) {
    for (const Target& target : project.targets) {
      ids_.emplace(absl::AsciiStrToLower(target.id), target.id);
    }
  }

  void Validate() {
    CheckNames();
    CheckRootName();
    candidates_ = project_.TargetIds();
    candidates_.push_back(project_.root_name);
    for (Target& target : project_.targets) CheckDependencies(target);
    CheckCommands(project_.root_target);
  }

 private:
  void CheckNames() {
    // What must be unique, with the first target that has it.
    std::map<std::string, const Target*> ids, images, keys;
    for (const Target& target : project_.targets) {
      if (!IsName(target.id)) {
        diagnostics_.AddError(target.location, "",
                              absl::StrCat("found the target name ", Quoted(target.id),
                                           ", its directory's; expected letters, digits, '.', '_' "
                                           "and '-', a letter or digit first"));
        continue;
      }
      const Target* other = Claim(ids, absl::AsciiStrToLower(target.id), target);
      if (other != nullptr) {
        ReportClash(target, *other, target.id == other->id ? "" : "'s name but for its case");
        continue;
      }
      const std::string image = TargetImagePart(target.id);
      if (const size_t size = project_.slug.size() + 1 + image.size(); size > kLongestImageName) {
        diagnostics_.AddError(
            target.location, "",
            absl::StrCat("found a directory whose image would have a name of ", size,
                         " characters; expected at most ", kLongestImageName));
      }
      const std::string key = ImageVariable(target.id);
      if ((other = Claim(images, image, target)) != nullptr) {
        ReportClash(target, *other, absl::StrCat("'s image name '", image, "'"));
      } else if ((other = Claim(keys, key, target)) != nullptr) {
        ReportClash(target, *other, absl::StrCat("'s variable ", key));
      }
    }
  }

  // Null when `target` is the first to have `value`, else the one that was.
  static const Target* Claim(std::map<std::string, const Target*>& owners, const std::string& value,
                             const Target& target) {
    const auto [it, is_first] = owners.emplace(value, &target);
    return is_first ? nullptr : it->second;
  }

  void ReportClash(const Target& target, const Target& other, absl::string_view shared) {
    const std::string what = shared.empty()
                                 ? absl::StrCat("a second target '", target.id, "'; the first is ")
                                 : absl::StrCat("the target '", target.id, "', which has '",
                                                other.id, "'", shared, "; that one is ");
    diagnostics_.AddError(target.location, "",
                          absl::StrCat("found ", what, other.location.file,
                                       "; expected directories with different names"));
  }

  void CheckRootName() {
    if (project_.root_target.commands.empty()) return;
    for (const Target& target : project_.targets) {
      if (!absl::EqualsIgnoreCase(target.id, project_.root_name)) continue;
      diagnostics_.AddError(target.location, "",
                            absl::StrCat("found a target named '", target.id,
                                         "', like the root in ", project_.root_target.location.file,
                                         ", which has commands; expected another root_name or "
                                         "directory"));
    }
  }

  void CheckDependencies(Target& target) {
    for (Dependency& dependency : target.dependencies) {
      Resolve("dependencies", dependency.location, dependency.target, /*may_be_root=*/false);
    }
    for (StartDependency& dependency : target.infrastructure.depends_on) {
      Resolve("infrastructure.depends_on", dependency.location, dependency.target,
              /*may_be_root=*/false);
      CheckCommandPaths(dependency.commands, dependency.location, "infrastructure.depends_on");
    }
    if (target.build.has_value()) {
      ResolveAll("build.depends_on", target.build->depends_on);
    }
    CheckCommands(target);
  }

  void CheckCommands(Target& target) {
    for (Command& command : target.commands) {
      if (!command.dependencies.has_value()) continue;
      ResolveAll(absl::StrCat(CommandKey(target, command.name), ".dependencies"),
                 *command.dependencies);
    }
  }

  void ResolveAll(const std::string& key, std::vector<Dependency>& dependencies) {
    for (Dependency& dependency : dependencies) {
      Resolve(key, dependency.location, dependency.target, /*may_be_root=*/true);
      CheckCommandPaths(dependency.commands, dependency.location, key);
    }
  }

  void Resolve(absl::string_view key, const SourceLocation& location, std::string& name,
               bool may_be_root) {
    if (const auto it = ids_.find(absl::AsciiStrToLower(name)); it != ids_.end()) {
      name = it->second;
    } else if (!absl::EqualsIgnoreCase(name, project_.root_name)) {
      diagnostics_.AddError(location, key,
                            absl::StrCat("found ", Quoted(name), ", which is no target",
                                         diagnostics_.DidYouMean(name, candidates_)));
    } else if (may_be_root) {
      name = project_.root_name;
    } else {
      diagnostics_.AddError(location, key,
                            absl::StrCat("found ", Quoted(name),
                                         ", the root; expected another target: only a command can "
                                         "depend on the root"));
    }
  }

  // Their shape only: whether a target has such a command matters to the requests that need it.
  void CheckCommandPaths(const std::vector<std::string>& paths, const SourceLocation& location,
                         absl::string_view key) {
    for (const std::string& path : paths) {
      const std::vector<std::string> names = absl::StrSplit(path, ':');
      if (std::all_of(names.begin(), names.end(), IsName)) continue;
      diagnostics_.AddError(
          location, key,
          absl::StrCat("found ", Quoted(path), "; expected a command like 'build' or 'check:py'"));
    }
  }

  Project& project_;
  Diagnostics& diagnostics_;
  absl::flat_hash_map<std::string, std::string> ids_;  // Lower case -> as the directory spells it.
  std::vector<std::string> candidates_;
};

}  // namespace

void ValidateProject(Project& project, Diagnostics& diagnostics) {
  ProjectValidator(project, diagnostics).Validate();
}

}  // namespace nopo
