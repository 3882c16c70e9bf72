#include "daemon/operations/sync_task.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "daemon/project/container_paths.h"
#include "daemon/project/image_names.h"

namespace nopo {
namespace {

// For a dry run: what may be run, each manager in a line of its own.
TaskListing ListingOf(const Project& project) {
  std::vector<std::string> lines;
  for (const DependencyManager& manager : project.dependency_managers) {
    std::vector<std::string> attempts;
    for (const std::string& command : {manager.offline, manager.online}) {
      if (!command.empty()) attempts.push_back(command);
    }
    lines.push_back(absl::StrJoin(attempts, " || "));
  }
  return {.target = project.root_name,
          .command = "sync",
          .run = absl::StrJoin(lines, "\n"),
          .in_container = true,
          .dir = kProjectInContainer};
}

std::string ReasonOfSync(const Project& project) {
  std::vector<std::string> reasons;
  for (const DependencyManager& manager : project.dependency_managers) {
    reasons.push_back(manager.program.empty()
                          ? absl::StrCat("nopo.yml declares ", manager.name)
                          : absl::StrCat(manager.lockfiles.front(), " is there"));
  }
  return absl::StrJoin(reasons, ", ");
}

// The base image's id, pulled where the engine lacks it.
absl::StatusOr<std::string> BaseImageId(const std::string& task, const SyncSurroundings& around,
                                        const TaskContext& context) {
  const std::string& base = around.opened.names.base;
  NOPO_RETURN_IF_ERROR(
      around.transfers.PullIfMissing(task, base, context.events, context.cancellation));
  return around.session.mirror.ImageId(base, kSameOperation, context.cancellation);
}

TaskResult Sync(const std::string& task, const SyncSurroundings& around,
                const TaskContext& context) {
  const Project& project = *around.opened.project;
  absl::StatusOr<std::string> image_id = BaseImageId(task, around, context);
  if (!image_id.ok()) return {.status = image_id.status()};
  const SyncOptions options{.project = project,
                            .image = around.opened.names.base,
                            .image_id = *std::move(image_id),
                            .mode = around.mode,
                            .scope = LedgerScope(project, around.session)};
  TaskResult result =
      SyncDependencies(around.session.engine, around.workspace.ledger, task, options, context);
  if (!result.up_to_date && around.files_may_have_changed) around.files_may_have_changed();
  return result;
}

}  // namespace

bool SyncsDependencies(const Project& project, SyncMode mode) {
  if (mode == SyncMode::kSkip || project.dependency_managers.empty()) return false;
  const bool is_declared = project.dependency_managers.front().program.empty();
  return is_declared || !project.os.image.empty() || !project.os.dockerfile.empty();
}

std::string SyncTaskName(const Project& project) {
  return absl::StrCat(project.root_name, ":sync");
}

void AddSyncTask(PlannedWork& work, const std::map<std::string, CommandTask>& commands,
                 const SyncSurroundings& surroundings) {
  const OpenedProject& opened = surroundings.opened;
  const Project& project = *opened.project;
  Task task{.name = SyncTaskName(project), .reason = ReasonOfSync(project)};
  const std::string base_task = absl::StrCat(project.root_name, ":build");
  if (work.Has(base_task)) task.depends_on.push_back(base_task);
  for (const auto& [name, command] : commands) {
    const Target& target = *project.FindTarget(command.target);
    if (command.context != CommandContext::kContainer) continue;
    if (ImageOf(target, opened.names) == opened.names.base) {
      work.Find(name)->depends_on.push_back(task.name);
    }
  }
  work.listings[task.name] = ListingOf(project);
  work.bodies[task.name] = [name = task.name, surroundings](const TaskContext& context) {
    return Sync(name, surroundings, context);
  };
  work.tasks.push_back(std::move(task));
}

}  // namespace nopo
