#include "daemon/operations/build_tasks.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
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
  ImageLookups engine;
  engine.id = [&session](absl::string_view reference,
                         const Cancellation& cancellation) -> absl::StatusOr<std::string> {
    NOPO_ASSIGN_OR_RETURN(const auto snapshot,
                          session.mirror.Snapshot(cancellation, kSameOperation));
    return snapshot->ImageId(reference);
  };
  engine.size = [&session](const std::string& id, const Cancellation& cancellation) {
    const absl::StatusOr<Image> image = session.engine.InspectImage(id, cancellation);
    return image.ok() ? image->size : int64_t{0};
  };
  const BuildMemory memory{workspace.ledger, workspace.history, workspace.trees};
  return std::make_unique<ImageBuilder>(session.buildkit, memory, scope, std::move(engine));
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
    : opened_(opened),
      caller_(caller),
      session_(session),
      logins_(logins),
      transfers_(session, logins),
      options_(options),
      scope_(session == nullptr ? "" : LedgerScope(*opened.project, *session)),
      images_(session == nullptr ? nullptr : NewImageBuilder(*session, workspace, scope_)),
      packages_(workspace, opened, caller, scope_) {}

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
      return BuildPackage(task, package, context);
    };
  }
}

void BuildTasks::FilesMayHaveChanged() {
  if (images_ != nullptr) images_->FilesMayHaveChanged();
}

absl::StatusOr<std::vector<TaskExplanation>> BuildTasks::Explain(
    const std::vector<Task>& tasks, const std::map<std::string, BuildTask>& builds,
    const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const Plan ordered, Plan::Create(tasks));
  std::vector<TaskExplanation> explanations;
  std::set<std::string> to_be_built;
  for (const Task& task : ordered.tasks()) {
    const auto build = builds.find(task.name);
    if (build == builds.end()) continue;
    NOPO_ASSIGN_OR_RETURN(BuildDecision decision, ExplainAlone(task, build->second, cancellation));
    for (const std::string& dependency : task.depends_on) {
      if (!decision.up_to_date) break;
      if (to_be_built.contains(dependency)) {
        decision = {.reason = absl::StrCat(dependency, ", which comes first, has to be built")};
      } else if (!builds.contains(dependency)) {
        absl::StrAppend(&decision.reason, ", unless ", dependency,
                        " changes them, which runs first");
      }
    }
    if (!decision.up_to_date) to_be_built.insert(task.name);
    explanations.push_back({task.name, TargetOfTask(task.name), std::move(decision)});
  }
  return explanations;
}

absl::StatusOr<BuildDecision> BuildTasks::ExplainAlone(const Task& task, const BuildTask& build,
                                                       const Cancellation& cancellation) {
  if (const auto* package = std::get_if<PackageBuild>(&build)) {
    return packages_.Explain(task, *package);
  }
  return images_->Explain(task.name, std::get<ImageBuild>(build), options_, cancellation);
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

TaskResult BuildTasks::BuildPackage(const Task& task, const PackageBuild& build,
                                    const TaskContext& context) {
  TaskResult result =
      packages_.Build(task, build, /*forced=*/options_.no_cache || options_.force, context);
  if (images_ != nullptr && !result.up_to_date) images_->FilesMayHaveChanged();
  return result;
}

}  // namespace nopo
