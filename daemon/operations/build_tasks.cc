#include "daemon/operations/build_tasks.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/package_skip.h"
#include "daemon/commands/host_process.h"
#include "daemon/operations/build_mounts.h"
#include "daemon/operations/command_tasks.h"

namespace nopo {
namespace {

TaskListing ListingOf(const ImageBuild& build) {
  return {.target = build.target,
          .command = "build",
          .run = absl::StrCat("build ", build.tag),
          .in_container = true,
          .dir = build.context_dir.string()};
}

TaskListing ListingOf(const PackageBuild& build) {
  return {.target = build.target,
          .command = "build",
          .run = build.command,
          .dir = build.dir.string(),
          .env = build.env};
}

std::unique_ptr<ImageBuilder> NewImageBuilder(EngineSession& session, const Workspace& workspace,
                                              const std::string& scope) {
  const auto image_id = [&session](
                            absl::string_view reference,
                            const Cancellation& cancellation) -> absl::StatusOr<std::string> {
    NOPO_ASSIGN_OR_RETURN(const auto snapshot,
                          session.mirror.Snapshot(cancellation, kSameOperation));
    return snapshot->ImageId(reference);
  };
  const BuildMemory memory{workspace.ledger, workspace.history, workspace.trees};
  return std::make_unique<ImageBuilder>(session.buildkit, memory, scope, image_id);
}

LoginLookup LoginsFor(RegistryLogins& logins, const Cancellation& cancellation) {
  return [&](const std::string& registry) -> absl::StatusOr<BuildLogin> {
    NOPO_ASSIGN_OR_RETURN(const RegistryLogin login, logins.Find(registry, cancellation));
    if (!login.identity_token.empty()) return BuildLogin{.secret = login.identity_token};
    return BuildLogin{.username = login.username, .secret = login.password};
  };
}

// Docker Hub is meant by a name of two parts; one of a single part is nobody's there.
absl::Status CheckPushable(const std::string& tag) {
  NOPO_ASSIGN_OR_RETURN(const ImageReference reference, ParseImageReference(tag));
  if (!reference.registry.empty() || absl::StrContains(reference.image, "/")) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(tag, " cannot be pushed: its name has no registry"),
                   {"Set DOCKER_REGISTRY, or DOCKER_TAG=registry/image:version."});
}

}  // namespace

BuildTasks::BuildTasks(const Workspace& workspace, const OpenedProject& opened,
                       const Caller& caller, EngineSession* session, RegistryLogins& logins,
                       const ImageBuildOptions& options)
    : workspace_(workspace),
      opened_(opened),
      caller_(caller),
      session_(session),
      logins_(logins),
      transfers_(session, logins),
      options_(options),
      scope_(session == nullptr ? "" : LedgerScope(*opened.project, *session)),
      images_(session == nullptr ? nullptr : NewImageBuilder(*session, workspace, scope_)) {}

void BuildTasks::AddBodies(PlannedWork& work, const std::map<std::string, BuildTask>& builds) {
  for (const auto& [name, build] : builds) {
    work.listings[name] =
        std::visit([](const auto& specific) { return ListingOf(specific); }, build);
    if (const auto* image = std::get_if<ImageBuild>(&build)) {
      work.bodies[name] = [this, name = name, image = *image](const TaskContext& context) {
        return BuildImage(name, image, context);
      };
      continue;
    }
    work.bodies[name] = [this, task = *work.Find(name),
                         package = std::get<PackageBuild>(build)](const TaskContext& context) {
      return BuildPackage(task.name, package, task.depends_on, context);
    };
  }
}

void BuildTasks::FilesMayHaveChanged() {
  if (images_ != nullptr) images_->FilesMayHaveChanged();
}

std::vector<BuiltImage> BuildTasks::built() const {
  MutexLock lock(mutex_);
  return built_;
}

TaskResult BuildTasks::BuildImage(const std::string& task, const ImageBuild& build,
                                  const TaskContext& context) {
  if (options_.pull) {
    absl::Status pulled = PullBaseImages(task, build, context);
    if (!pulled.ok()) return {.status = std::move(pulled)};
  }
  ImageBuildOptions options = options_;
  options.pull = false;  // Done; BuildKit would look for the project's own base image as well.
  options.login = LoginsFor(logins_, ended_);
  options.caches = ScopedTo({.project = opened_.project->slug,
                             .root = opened_.project->root,
                             .target = build.target,
                             .image = build.tag},
                            options_.caches);
  const Settings settings(caller_.environment, opened_.dotenv);
  absl::Status mounts = ReadBuildMounts(build, settings, options);
  if (!mounts.ok()) return {.status = std::move(mounts)};
  BuiltImage built;
  TaskResult result =
      images_->Build(task, build, options, context.events, context.cancellation, built);
  if (!result.up_to_date) session_->mirror.InvalidateImages();
  if (result.status.ok()) {
    MutexLock lock(mutex_);
    built_.push_back(std::move(built));
  }
  return result;
}

absl::Status BuildTasks::PullBaseImages(const std::string& task, const ImageBuild& build,
                                        const TaskContext& context) {
  const ImageNames& names = opened_.names;
  for (const std::string& image : build.base_images) {
    const bool is_built_here =
        image == names.base ||
        std::any_of(names.targets.begin(), names.targets.end(),
                    [&](const auto& entry) { return entry.second == image; });
    if (is_built_here) continue;
    NOPO_RETURN_IF_ERROR(
        transfers_.Pull(task, image, context.events, context.cancellation).status());
  }
  return absl::OkStatus();
}

absl::Status BuildTasks::AddPushesTo(PlannedWork& work,
                                     const std::map<std::string, BuildTask>& builds) {
  for (const auto& [build_task, build] : builds) {
    const auto* image = std::get_if<ImageBuild>(&build);
    if (image == nullptr) continue;
    NOPO_RETURN_IF_ERROR(CheckPushable(image->tag));
    const std::string task = absl::StrCat(image->target, ":push");
    work.tasks.push_back(
        {.name = task, .depends_on = {build_task}, .reason = "built images are pushed"});
    work.listings[task] = {
        .target = image->target, .command = "push", .run = absl::StrCat("push ", image->tag)};
    work.bodies[task] = [this, task, tag = image->tag](const TaskContext& context) {
      return PushImage(task, tag, context);
    };
  }
  return absl::OkStatus();
}

TaskResult BuildTasks::PushImage(const std::string& task, const std::string& tag,
                                 const TaskContext& context) {
  const absl::StatusOr<std::string> digest =
      transfers_.Push(task, tag, context.events, context.cancellation);
  if (!digest.ok()) return {.status = digest.status()};
  std::string pushed = *digest;
  MutexLock lock(mutex_);
  for (BuiltImage& image : built_) {
    if (image.tag != tag) continue;
    // Engines with containerd's store do not tell it; there the build has.
    if (pushed.empty()) pushed = image.digest.empty() ? image.image_id : image.digest;
    image.digest = pushed;
  }
  return {.reason = absl::StrCat("pushed ", pushed)};
}

TaskResult BuildTasks::BuildPackage(const std::string& task, const PackageBuild& build,
                                    const std::vector<std::string>& depends_on,
                                    const TaskContext& context) {
  absl::StatusOr<TaskResult> result = BuildPackageOrSkip(task, build, depends_on, context);
  if (!result.ok()) return {.status = result.status()};
  return *std::move(result);
}

absl::StatusOr<std::optional<std::string>> BuildTasks::FingerprintPackage(
    const std::string& task, const PackageBuild& build,
    const std::vector<std::string>& depends_on) {
  std::string dependencies;
  {
    MutexLock lock(mutex_);
    for (const std::string& name : depends_on) {
      const auto found = package_fingerprints_.find(name);
      // What a dependency was made from is not known, so neither is what this one is.
      if (found == package_fingerprints_.end()) return std::optional<std::string>();
      absl::StrAppend(&dependencies, name, "=", found->second, "\n");
    }
  }
  NOPO_ASSIGN_OR_RETURN(std::optional<std::string> fingerprint,
                        PackageFingerprint(build, dependencies));
  if (fingerprint.has_value()) {
    MutexLock lock(mutex_);
    package_fingerprints_[task] = *fingerprint;
  }
  return fingerprint;
}

absl::StatusOr<TaskResult> BuildTasks::BuildPackageOrSkip(
    const std::string& task, const PackageBuild& build, const std::vector<std::string>& depends_on,
    const TaskContext& context) {
  NOPO_ASSIGN_OR_RETURN(const std::optional<std::string> fingerprint,
                        FingerprintPackage(task, build, depends_on));
  if (fingerprint.has_value() && !options_.no_cache && !options_.force) {
    const auto record = workspace_.ledger.FindBuild(scope_, task);
    const bool skip = record.ok() && PackageIsUpToDate(build, *fingerprint, *record);
    context.events.DebugOf(build.target, DebugArea::kCache, [&] {
      const bool known = record.ok() && record->has_value();
      return absl::StrCat(task, ": ",
                          skip     ? "inputs and outputs are as after the last good run"
                          : !known ? "no record of a good run"
                          : (*record)->fingerprint == *fingerprint
                              ? "its outputs differ from those of the last good run"
                              : "its inputs differ from those of the last good run");
    });
    if (skip) {
      return TaskResult{.reason = "inputs and outputs unchanged", .up_to_date = true};
    }
  }
  // Before anything is changed: a crash in the middle must not leave a record that says "built".
  NOPO_RETURN_IF_ERROR(workspace_.ledger.ForgetBuild(scope_, task));
  HostCommand command{.run = build.command, .dir = build.dir.string(), .umask = caller_.umask};
  command.env = TaskEnvironment(build.env, opened_, caller_);
  TaskResult result = RunHostCommand(task, command, context.events, context.cancellation);
  FilesMayHaveChanged();
  if (!result.status.ok() || !fingerprint.has_value()) return result;
  NOPO_ASSIGN_OR_RETURN(const BuildRecord record, PackageRecord(build, *fingerprint));
  result.reason = "built";
  // A build that cannot be remembered is a good build all the same.
  if (absl::Status kept = workspace_.ledger.RecordBuild(scope_, task, record); !kept.ok()) {
    context.events.Warning(absl::StrCat(task, " will be built again: ", kept.message()));
  }
  return result;
}

}  // namespace nopo
