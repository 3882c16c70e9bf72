#include "daemon/services/service_starter.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/parallel.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/services/health_waiter.h"
#include "daemon/services/readiness.h"
#include "daemon/services/service_logs.h"
#include "daemon/services/service_reconciler.h"
#include "daemon/services/step_runner.h"

namespace nopo {
namespace {

constexpr int kLinesOfAFailure = 20;
constexpr size_t kInstancesAtOnce = 8;

// The engine's state was not what the mirror had: somebody else was at work on the project.
bool IsOutdatedView(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsAlreadyExists(status);
}

// The id in "... already in use by container "4f2a...". You have to ...".
absl::string_view ContainerInConflict(absl::string_view message) {
  constexpr absl::string_view kBefore = "in use by container \"";
  const size_t at = message.find(kBefore);
  if (at == absl::string_view::npos) return "";
  message.remove_prefix(at + kBefore.size());
  return message.substr(0, message.find('"'));
}

absl::string_view WaitingFor(DependencyCondition reach) {
  return reach == DependencyCondition::kCompletedSuccessfully ? "waiting for it to complete"
                                                              : "waiting for health";
}

// The steps of each instance, in order: those of wanted instances, or of the others.
std::vector<std::vector<ServiceStep>> ByInstance(const std::vector<ServiceStep>& steps,
                                                 int instances, bool wanted) {
  std::map<int, std::vector<ServiceStep>> groups;
  for (const ServiceStep& step : steps) {
    const bool is_wanted = step.number >= 1 && step.number <= instances;
    if (is_wanted == wanted) groups[step.number].push_back(step);
  }
  std::vector<std::vector<ServiceStep>> result;
  for (auto& [number, group] : groups) result.push_back(std::move(group));
  return result;
}

absl::Status FirstError(const std::vector<absl::Status>& statuses) {
  for (const absl::Status& status : statuses) NOPO_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

// One call of ServiceStarter::Start.
class ServiceStart {
 public:
  ServiceStart(DockerEngine& engine, EngineMirror& mirror, ProjectResources& resources,
               const std::string& task, const DesiredService& desired, const StartOptions& options,
               EventSink& events, const Cancellation& cancellation)
      : engine_(engine),
        mirror_(mirror),
        resources_(resources),
        task_(task),
        desired_(desired),
        options_(options),
        events_(events),
        cancellation_(cancellation) {}

  TaskResult Run(const std::function<void()>& running) {
    absl::Status status = BringUp();
    if (IsOutdatedView(status)) {
      Refresh(status);
      status = BringUp();
    }
    if (!status.ok()) return {.status = status};
    if (running) running();
    if (options_.wait_for_health || options_.reach == DependencyCondition::kCompletedSuccessfully) {
      TaskResult failure = WaitForAll();
      if (!failure.status.ok()) return failure;
    }
    return {.reason = StepsSummary(steps_), .up_to_date = steps_.empty()};
  }

 private:
  struct Awaited {
    Container container;
    bool just_started = false;
  };

  absl::Status BringUp() {
    const SnapshotWish wish{.max_age = kSameOperation, .images = {desired_.image}};
    NOPO_ASSIGN_OR_RETURN(const auto snapshot, mirror_.Snapshot(cancellation_, wish));
    ObservedService observed = ObserveService(*snapshot, desired_);
    if (observed.image_id.empty()) {
      NOPO_ASSIGN_OR_RETURN(observed.image_id, FindImage());
    }
    steps_ = ReconcileService(desired_, observed, options_.reach);
    DebugDecision(observed);
    awaited_.clear();
    if (!steps_.empty()) {
      NOPO_RETURN_IF_ERROR(EnsureResources());
      NOPO_RETURN_IF_ERROR(CarryOut(observed.image_id));
    }
    AwaitKept(observed);
    return absl::OkStatus();
  }

  void DebugDecision(const ObservedService& observed) {
    events_.DebugOf(desired_.service, DebugArea::kContainer, [&] {
      return absl::StrCat(desired_.service, ": wants ", desired_.instances, " of ", desired_.image,
                          " (", observed.image_id, "), has ", observed.containers.size(),
                          steps_.empty() ? ": as desired" : ":");
    });
    for (const ServiceStep& step : steps_) {
      events_.DebugOf(desired_.service, DebugArea::kContainer, [&] {
        return absl::StrCat("decided: ", absl::StripSuffix(StepsText({step}), "\n"));
      });
    }
  }

  // The mirror may not have heard of an image made a moment ago.
  absl::StatusOr<std::string> FindImage() {
    const absl::StatusOr<Image> image = engine_.InspectImage(desired_.image, cancellation_);
    mirror_.InvalidateImages();
    if (image.ok()) return image->id;
    if (!absl::IsNotFound(image.status())) return image.status();
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kServiceFailed,
                     absl::StrCat("there is no image ", desired_.image),
                     {absl::StrCat("nopo build ", desired_.service,
                                   " makes it, nopo pull fetches it from a registry.")});
  }

  absl::Status EnsureResources() {
    if (desired_.uses_project_network) {
      NOPO_RETURN_IF_ERROR(resources_.EnsureNetwork(cancellation_));
    }
    for (const DesiredService::NamedVolume& volume : desired_.volumes) {
      NOPO_RETURN_IF_ERROR(resources_.EnsureVolume(volume, cancellation_));
    }
    return absl::OkStatus();
  }

  absl::Status CarryOut(const std::string& image_id) {
    const StepContext context{.engine = engine_,
                              .mirror = mirror_,
                              .task = task_,
                              .desired = desired_,
                              .image_id = image_id,
                              .events = events_,
                              .cancellation = cancellation_};
    // What is too many may hold a name or a port that the others need.
    for (const bool wanted : {false, true}) {
      NOPO_RETURN_IF_ERROR(CarryOutGroups(context, ByInstance(steps_, desired_.instances, wanted)));
    }
    return absl::OkStatus();
  }

  // Instances side by side.
  absl::Status CarryOutGroups(const StepContext& context,
                              const std::vector<std::vector<ServiceStep>>& groups) {
    std::vector<StepRunner> runners(groups.size(), StepRunner(context));
    std::vector<absl::Status> statuses(groups.size());
    ForEachInParallel(groups.size(), kInstancesAtOnce,
                      [&](size_t i) { statuses[i] = runners[i].Run(groups[i]); });
    for (const StepRunner& runner : runners) {
      if (runner.started()) awaited_.push_back({*runner.started(), true});
    }
    return FirstError(statuses);
  }

  // Adds the containers that were left alone: neither removed nor of an instance just started.
  void AwaitKept(const ObservedService& observed) {
    std::set<std::string> removed;
    for (const ServiceStep& step : steps_) {
      if (const auto* remove = std::get_if<RemoveContainer>(&step.action)) {
        removed.insert(remove->id);
      }
    }
    std::set<int> started;
    for (const Awaited& awaited : awaited_) started.insert(ContainerNumber(awaited.container));
    for (const Container& container : observed.containers) {
      const bool kept =
          removed.count(container.id) == 0 && started.count(ContainerNumber(container)) == 0;
      if (kept) awaited_.push_back({container, false});
    }
  }

  void Refresh(const absl::Status& status) {
    mirror_.InvalidateImages();
    mirror_.InvalidateNetworksAndVolumes();
    const absl::string_view other = ContainerInConflict(status.message());
    if (!other.empty()) mirror_.Invalidate(other);
    for (const ServiceStep& step : steps_) {
      if (const auto* start = std::get_if<StartContainer>(&step.action); start && start->id != "") {
        mirror_.Invalidate(start->id);
      }
    }
  }

  // OK, or the failure of the container that failed first; the wait for the others then ends.
  TaskResult WaitForAll() {
    Cancellation others(cancellation_);
    std::vector<absl::Status> statuses(awaited_.size());
    ForEachInParallel(awaited_.size(), awaited_.size(), [&](size_t i) {
      statuses[i] = WaitFor(awaited_[i], others);
      if (!statuses[i].ok()) others.Cancel();
    });
    for (size_t i = 0; i < statuses.size(); ++i) {
      if (!statuses[i].ok() && !absl::IsCancelled(statuses[i])) {
        return Failure(statuses[i], awaited_[i].container);
      }
    }
    return {.status = FirstError(statuses)};
  }

  absl::Status WaitFor(const Awaited& awaited, const Cancellation& cancellation) {
    const Container& container = awaited.container;
    const absl::StatusOr<bool> ready = ReadinessOf(container.name, container, options_.reach);
    if (ready.ok() && *ready && !awaited.just_started) return absl::OkStatus();
    const std::string step = absl::StrCat("wait ", container.name);
    events_.Report(
        TaskProgress{.task = task_,
                     .step = step,
                     .message = absl::StrCat(container.name, ": ", WaitingFor(options_.reach))});
    NOPO_RETURN_IF_ERROR(WaitUntilReady(mirror_, container,
                                        {.reach = options_.reach,
                                         .timeout = options_.health_timeout,
                                         .just_started = awaited.just_started},
                                        cancellation));
    events_.Report(TaskProgress{.task = task_,
                                .step = step,
                                .message = absl::StrCat(container.name, " is ready"),
                                .done = true});
    return absl::OkStatus();
  }

  TaskResult Failure(const absl::Status& status, const Container& container) {
    TaskResult result{.status = status};
    if (ReasonOf(status) == Reason::kServiceFailed) {
      result.last_lines = LastLogLines(engine_, container.id, kLinesOfAFailure, cancellation_);
    }
    return result;
  }

  DockerEngine& engine_;
  EngineMirror& mirror_;
  ProjectResources& resources_;
  const std::string& task_;
  const DesiredService& desired_;
  const StartOptions& options_;
  EventSink& events_;
  const Cancellation& cancellation_;
  std::vector<ServiceStep> steps_;
  std::vector<Awaited> awaited_;
};

}  // namespace

ServiceStarter::ServiceStarter(DockerEngine& engine, EngineMirror& mirror,
                               ProjectResources& resources)
    : engine_(engine), mirror_(mirror), resources_(resources) {}

TaskResult ServiceStarter::Start(const std::string& task, const DesiredService& desired,
                                 const StartOptions& options, const std::function<void()>& running,
                                 EventSink& events, const Cancellation& cancellation) {
  return ServiceStart(engine_, mirror_, resources_, task, desired, options, events, cancellation)
      .Run(running);
}

}  // namespace nopo
