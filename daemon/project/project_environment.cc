#include "daemon/project/project_environment.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/project/environment_levels.h"
#include "daemon/project/file_update.h"
#include "daemon/project/free_port.h"
#include "daemon/project/text_file.h"

namespace nopo {
namespace {

constexpr absl::string_view kImageSuffix = "_IMAGE";

// `status` of reading or writing the file that messages call `name`.
absl::Status FileError(const absl::Status& status, const std::string& name) {
  if (status.ok() || absl::IsCancelled(status)) return status;
  const bool denied = absl::IsPermissionDenied(status);
  return WithReason(WithPrefix(status, absl::StrCat(name, ": ")),
                    denied ? Reason::kPermission : Reason::kConfiguration);
}

// Whether nopo wrote an `_IMAGE` key for a target that is no longer there: the image is named after
// a target as the key is.
bool NamesFormerTarget(const DotenvEntry& entry) {
  if (!absl::EndsWith(entry.key, kImageSuffix)) return false;
  const absl::StatusOr<ImageReference> reference = ParseImageReference(entry.value);
  if (!reference.ok()) return false;
  const std::string& image = reference->image;
  for (size_t dash = image.find('-'); dash != std::string::npos; dash = image.find('-', dash + 1)) {
    if (ImageVariable(image.substr(dash + 1)) == entry.key) return true;
  }
  return false;
}

std::string DotenvName(const EnvironmentMap& process) {
  const auto chosen = process.find("ENV_FILE");
  return chosen == process.end() || chosen->second.empty() ? ".env" : chosen->second;
}

// One resolution, and the file's text that goes with it.
class Resolver {
 public:
  Resolver(const Project& project, const EnvironmentMap& process, const GitFacts* git,
           const EnvironmentOptions& options)
      : process_(process), git_(git), options_(options), project_(project) {
    for (std::string& name : ManagedVariables(project)) managed_.insert(std::move(name));
    name_ = DotenvName(process);
    result_.file = DotenvFileOf(project.root, process);
  }

  const std::string& name() const { return name_; }
  const std::filesystem::path& file() const { return result_.file; }
  ProjectEnvironment Take() { return std::move(result_); }

  // Resolves with `text` as the file's; what the file should be, if that is something else.
  absl::StatusOr<std::optional<std::string>> Resolve(const std::string& text) {
    NOPO_ASSIGN_OR_RETURN(result_.dotenv, ParseDotenv(text, name_));
    const EnvironmentLevels levels(process_, result_.dotenv, options_.forget);
    NOPO_ASSIGN_OR_RETURN(result_.names, ResolveImageNames(project_, levels, git_));
    RememberBefore();
    if (options_.use == DotenvUse::kRead) return std::nullopt;
    EnvironmentMap& values = result_.names.managed;
    if (!values.contains("DOCKER_PORT")) {
      NOPO_ASSIGN_OR_RETURN(values["DOCKER_PORT"], ChoosePort());
    }
    EnvironmentMap block = values;
    std::erase_if(block, [&](const auto& value) {
      return levels.Get(Place::kUser, value.first).has_value();
    });
    std::optional<std::string> changed = WithBlock(
        text, result_.dotenv, block, [&](const DotenvEntry& entry) { return IsOurs(entry); });
    if (changed.has_value()) {
      NOPO_ASSIGN_OR_RETURN(result_.dotenv, ParseDotenv(*changed, name_));
    }
    return changed;
  }

 private:
  bool IsOurs(const DotenvEntry& entry) const {
    return managed_.contains(entry.key) || NamesFormerTarget(entry);
  }

  void RememberBefore() {
    EnvironmentMap before = result_.dotenv.All();
    std::set<std::string> ours = managed_;
    for (const DotenvEntry& entry : result_.dotenv.entries) {
      if (entry.in_block && IsOurs(entry)) ours.insert(entry.key);
    }
    std::erase_if(before, [&](const auto& value) {
      return value.second.empty() || !ours.contains(value.first);
    });
    result_.before = std::move(before);
  }

  // The same for all attempts of one call.
  absl::StatusOr<std::string> ChoosePort() {
    if (port_.empty()) {
      NOPO_ASSIGN_OR_RETURN(const int port, FindFreePort());
      port_ = absl::StrCat(port);
    }
    return port_;
  }

  const EnvironmentMap& process_;
  const GitFacts* const git_;
  const EnvironmentOptions& options_;
  const Project& project_;
  std::set<std::string> managed_;
  std::string name_;  // Of the file, as messages call it.
  std::string port_;
  ProjectEnvironment result_;
};

}  // namespace

std::filesystem::path DotenvFileOf(const std::filesystem::path& root,
                                   const EnvironmentMap& process) {
  return (root / DotenvName(process)).lexically_normal();
}

absl::StatusOr<ProjectEnvironment> ResolveEnvironment(const Project& project,
                                                      const EnvironmentMap& process,
                                                      const GitFacts* git,
                                                      const EnvironmentOptions& options,
                                                      const Cancellation& cancellation) {
  Resolver resolver(project, process, git, options);
  // The resolver's own errors say where they are; those of the file don't.
  absl::Status resolved;
  const auto change = [&](const std::string& text) -> absl::StatusOr<std::optional<std::string>> {
    absl::StatusOr<std::optional<std::string>> changed = resolver.Resolve(text);
    resolved = changed.status();
    return changed;
  };
  absl::Status file_status;
  if (options.use == DotenvUse::kWrite) {
    file_status = UpdateTextFile(resolver.file(), options.umask, change, cancellation);
  } else {
    const absl::StatusOr<std::string> text = ReadTextFile(resolver.file(), ByteOrderMark::kKeep);
    file_status = absl::IsNotFound(text.status()) ? absl::OkStatus() : text.status();
    if (file_status.ok()) change(text.ok() ? *text : "").IgnoreError();
  }
  NOPO_RETURN_IF_ERROR(resolved);
  NOPO_RETURN_IF_ERROR(FileError(file_status, resolver.name()));
  return resolver.Take();
}

EnvironmentDiff DiffEnvironments(const EnvironmentMap& before, const EnvironmentMap& after) {
  EnvironmentDiff diff;
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end()) {
      diff.added[key] = value;
    } else if (old->second == value) {
      diff.unchanged[key] = value;
    } else {
      diff.updated[key] = {old->second, value};
    }
  }
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) diff.removed[key] = value;
  }
  return diff;
}

}  // namespace nopo
