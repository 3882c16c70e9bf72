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
#include "daemon/operations/engine_images.h"

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
                       const ImageSettings& settings)
    : opened_(opened),
      caller_(caller),
      session_(session),
      logins_(logins),
      transfers_(session, logins),
      settings_(settings),
      scope_(session == nullptr ? "" : LedgerScope(*opened.project, *session)),
      images_(NewImageBuilder(workspace)),
      packages_(workspace, opened, caller, scope_) {}

std::unique_ptr<ImageBuilder> BuildTasks::NewImageBuilder(const Workspace& workspace) const {
  if (session_ == nullptr) return nullptr;
  const BuildMemory memory{workspace.ledger, workspace.history, workspace.trees};
  EngineImages images =
      ImagesOf(*session_, workspace.layouts,
               {.push = settings_.options.push,
                .is_built_here = [this](const std::string& image) { return IsBuiltHere(image); }});
  return std::make_unique<ImageBuilder>(
      settings_.elsewhere == nullptr ? session_->buildkit : *settings_.elsewhere, memory, scope_,
      std::move(images));
}

bool BuildTasks::IsBuiltHere(const std::string& image) const {
  const ImageNames& names = opened_.names;
  return image == names.base ||
         std::any_of(names.targets.begin(), names.targets.end(),
                     [&](const auto& entry) { return entry.second == image; });
}

void BuildTasks::AddBodies(PlannedWork& work, const std::map<std::string, BuildTask>& builds,
                           const ExecutionOptions& execution) {
  for (Task& task : work.tasks) {
    const auto build = builds.find(task.name);
    const bool is_image =
        build != builds.end() && std::holds_alternative<ImageBuild>(build->second);
    task.waits = task.waits || (is_image && execution.jobs == 0);
  }
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
  return images_->Explain(task.name, std::get<ImageBuild>(build), settings_.options, cancellation);
}

std::vector<BuiltImage> BuildTasks::built() const {
  MutexLock lock(mutex_);
  return built_;
}

TaskResult BuildTasks::BuildImage(const std::string& task, const ImageBuild& build,
                                  const TaskContext& context) {
  ImageBuildOptions options = settings_.options;
  // The engine's BuildKit would look for the project's own base image at a registry as well.
  if (options.pull && settings_.elsewhere == nullptr) {
    options.pull = false;
    absl::Status pulled = PullBaseImages(task, build, context);
    if (!pulled.ok()) return {.status = std::move(pulled)};
  }
  options.login = LoginsFor(logins_, ended_);
  options.caches = ScopedTo({.project = opened_.project->slug,
                             .root = opened_.project->root,
                             .target = build.target,
                             .image = build.tag},
                            settings_.options.caches);
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
  for (const std::string& image : build.base_images) {
    if (IsBuiltHere(image)) continue;
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
  if (settings_.options.push) return {.reason = "BuildKit pushed it with the build"};
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
  TaskResult result = packages_.Build(
      task, build, /*forced=*/settings_.options.no_cache || settings_.options.force, context);
  if (images_ != nullptr && !result.up_to_date) images_->FilesMayHaveChanged();
  return result;
}

}  // namespace nopo
