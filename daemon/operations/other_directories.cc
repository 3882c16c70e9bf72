#include "daemon/operations/other_directories.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

constexpr char kConfigFileName[] = "nopo.yml";

// Also when it cannot be looked at: whose it is then remains open.
bool MayExist(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) || error;
}

// Whether `directory`, which made a container with `config_files`, is still a project of `slug`.
bool StillHolds(const Workspace& workspace, const std::string& directory,
                const std::string& config_files, const std::string& slug, EventSink& events) {
  const std::vector<std::string> files =
      config_files.empty() ? std::vector{absl::StrCat(directory, "/", kConfigFileName)}
                           : absl::StrSplit(config_files, ',');
  for (const std::string& file : files) {
    if (!MayExist(file)) continue;
    if (std::filesystem::path(file).filename() != kConfigFileName) return true;
    const absl::StatusOr<std::shared_ptr<const Project>> other =
        workspace.projects.Get(directory, events);
    if (!other.ok() || (*other)->slug == slug) return true;
  }
  return false;
}

bool IsSameDirectory(const std::string& directory, const std::filesystem::path& root) {
  std::error_code error;
  return directory == root.native() || std::filesystem::equivalent(directory, root, error);
}

}  // namespace

std::set<std::string> OtherDirectories(const Workspace& workspace, const Project& project,
                                       const EngineSnapshot& snapshot, EventSink& events) {
  std::set<std::string> seen, others;
  for (const Container& container : snapshot.ContainersOf(project.slug)) {
    const std::string directory = LabelOf(container.labels, kLabelWorkingDir);
    if (directory.empty() || !seen.insert(directory).second) continue;
    if (IsSameDirectory(directory, project.root)) continue;
    const std::string config_files = LabelOf(container.labels, kLabelConfigFiles);
    if (StillHolds(workspace, directory, config_files, project.slug, events)) {
      others.insert(directory);
    }
  }
  return others;
}

absl::Status RefuseSharedName(const Workspace& workspace, const Project& project,
                              const EngineSnapshot& snapshot, EventSink& events) {
  const std::set<std::string> others = OtherDirectories(workspace, project, snapshot, events);
  if (others.empty()) return absl::OkStatus();
  for (const Container& container : snapshot.ContainersOf(project.slug)) {
    const std::string directory = LabelOf(container.labels, kLabelWorkingDir);
    if (IsOneOff(container) || !others.contains(directory)) continue;
    return MakeError(
        absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
        absl::StrCat("the project in ", directory, " has the name '", project.slug,
                     "' too, and containers: ", container.name, " is one"),
        {absl::StrCat("run `nopo down` in ", directory, ", or give this project another `name` in ",
                      project.config_file.string())});
  }
  return absl::OkStatus();
}

std::shared_ptr<const EngineSnapshot> WithoutDirectories(
    std::shared_ptr<const EngineSnapshot> snapshot, const std::set<std::string>& directories) {
  if (directories.empty()) return snapshot;
  auto left = std::make_shared<EngineSnapshot>(*snapshot);
  std::erase_if(left->containers, [&](const Container& container) {
    return directories.contains(LabelOf(container.labels, kLabelWorkingDir));
  });
  return left;
}

}  // namespace nopo
