#include "daemon/services/service_stopper.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/parallel.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/graph/dependency_graph.h"

namespace nopo {
namespace {

constexpr size_t kStopsAtOnce = 8;

std::string StopName(const std::string& service) { return absl::StrCat(service, ":stop"); }

// A container that lost its service label still has to go; its name stands in.
std::string ServiceOf(const Container& container) {
  const std::string service = LabelOf(container.labels, kLabelService);
  return service.empty() ? container.name : service;
}

std::map<std::string, std::vector<Container>> GroupByService(
    const EngineSnapshot& snapshot, absl::string_view project,
    const std::vector<std::string>& services) {
  std::map<std::string, std::vector<Container>> groups;
  for (const Container& container : snapshot.ContainersOf(project)) {
    const std::string service = ServiceOf(container);
    const bool named = std::find(services.begin(), services.end(), service) != services.end();
    if (services.empty() || (named && !IsOneOff(container))) groups[service].push_back(container);
  }
  return groups;
}

// Services that `container` depends on: the first parts of "db:service_healthy:false,...".
std::vector<std::string> DependenciesIn(const Container& container) {
  std::vector<std::string> services;
  for (const absl::string_view entry :
       absl::StrSplit(LabelOf(container.labels, kLabelDependsOn), ',', absl::SkipEmpty())) {
    services.emplace_back(entry.substr(0, entry.find(':')));
  }
  return services;
}

// For each service those that must be stopped before it.
std::map<std::string, std::set<std::string>> Dependents(
    const std::map<std::string, std::vector<Container>>& groups) {
  std::map<std::string, std::set<std::string>> dependents;
  DependencyGraph graph;
  for (const auto& [service, containers] : groups) {
    for (const Container& container : containers) {
      for (const std::string& dependency : DependenciesIn(container)) {
        if (dependency == service || groups.count(dependency) == 0) continue;
        dependents[dependency].insert(service);
        graph.AddDependency(dependency, service);
      }
    }
  }
  // Old and new containers may disagree about who depends on whom.
  if (!graph.FindCycle().empty()) dependents.clear();
  return dependents;
}

absl::Status FirstError(const std::vector<absl::Status>& statuses) {
  for (const absl::Status& status : statuses) NOPO_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

// Removes each of `names` (id to call it by -> name to show); the names removed, or the first
// error.
absl::StatusOr<std::vector<std::string>> RemoveEach(
    const std::map<std::string, std::string>& names, absl::string_view kind,
    const std::function<absl::Status(const std::string&)>& remove) {
  std::vector<std::string> removed;
  std::vector<absl::Status> statuses;
  for (const auto& [id, name] : names) {
    const absl::Status status = remove(id);
    if (status.ok()) removed.push_back(name);
    if (absl::IsNotFound(status)) continue;
    statuses.push_back(WithPrefix(status, absl::StrCat("remove ", kind, " ", name, ": ")));
  }
  NOPO_RETURN_IF_ERROR(FirstError(statuses));
  return removed;
}

}  // namespace

std::vector<StopTask> PlanStops(const EngineSnapshot& snapshot, absl::string_view project,
                                const std::vector<std::string>& services) {
  const auto groups = GroupByService(snapshot, project, services);
  const auto dependents = Dependents(groups);
  std::vector<StopTask> tasks;
  for (const auto& [service, containers] : groups) {
    StopTask task{.name = StopName(service), .service = service, .containers = containers};
    task.reason = services.empty() ? absl::StrCat("part of project ", project) : "requested";
    if (const auto found = dependents.find(service); found != dependents.end()) {
      for (const std::string& dependent : found->second) {
        task.depends_on.push_back(StopName(dependent));
      }
    }
    tasks.push_back(std::move(task));
  }
  return tasks;
}

absl::Status StopAndRemove(DockerEngine& engine, EngineMirror& mirror, const Container& container,
                           const StopOptions& options, const Cancellation& cancellation) {
  absl::Status status = engine.StopContainer(container.id, options.grace, cancellation);
  if (status.ok()) {
    status = engine.RemoveContainer(container.id, /*force=*/true, options.volumes, cancellation);
  }
  mirror.Invalidate(container.id);
  if (absl::IsNotFound(status)) return absl::OkStatus();
  return WithPrefix(status, absl::StrCat(container.name, ": "));
}

TaskResult StopService(DockerEngine& engine, EngineMirror& mirror, const StopTask& task,
                       const StopOptions& options, EventSink& events,
                       const Cancellation& cancellation) {
  std::vector<absl::Status> statuses(task.containers.size());
  ForEachInParallel(task.containers.size(), kStopsAtOnce, [&](size_t i) {
    const Container& container = task.containers[i];
    const std::string step = absl::StrCat("stop ", container.name);
    events.Report(TaskProgress{
        .task = task.name, .step = step, .message = absl::StrCat("stopping ", container.name)});
    statuses[i] = StopAndRemove(engine, mirror, container, options, cancellation);
    if (!statuses[i].ok()) return;
    events.DebugOf(task.service, DebugArea::kContainer,
                   [&] { return absl::StrCat("stopped and removed ", container.name); });
    events.Report(TaskProgress{.task = task.name,
                               .step = step,
                               .message = absl::StrCat("removed ", container.name),
                               .done = true});
  });
  const size_t count = task.containers.size();
  return {.status = FirstError(statuses),
          .reason = absl::StrCat("stopped and removed ", count,
                                 count == 1 ? " container" : " containers"),
          .up_to_date = count == 0};
}

absl::StatusOr<std::vector<std::string>> RemoveProjectNetworks(DockerEngine& engine,
                                                               EngineMirror& mirror,
                                                               absl::string_view project,
                                                               const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, mirror.Snapshot(cancellation));
  std::map<std::string, std::string> networks;
  for (const Network& network : snapshot->networks) {
    if (LabelOf(network.labels, kLabelProject) == project) networks[network.id] = network.name;
  }
  absl::StatusOr<std::vector<std::string>> removed =
      RemoveEach(networks, "network",
                 [&](const std::string& id) { return engine.RemoveNetwork(id, cancellation); });
  mirror.InvalidateNetworksAndVolumes();
  return removed;
}

absl::StatusOr<std::vector<std::string>> RemoveProjectVolumes(DockerEngine& engine,
                                                              EngineMirror& mirror,
                                                              absl::string_view project,
                                                              const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const auto snapshot, mirror.Snapshot(cancellation));
  std::map<std::string, std::string> volumes;
  for (const Volume& volume : snapshot->volumes) {
    if (LabelOf(volume.labels, kLabelProject) == project) volumes[volume.name] = volume.name;
  }
  absl::StatusOr<std::vector<std::string>> removed =
      RemoveEach(volumes, "volume",
                 [&](const std::string& name) { return engine.RemoveVolume(name, cancellation); });
  mirror.InvalidateNetworksAndVolumes();
  return removed;
}

}  // namespace nopo
