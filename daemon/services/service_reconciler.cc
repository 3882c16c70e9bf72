#include "daemon/services/service_reconciler.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

constexpr size_t kShortIdLength = 12;

std::string ShortId(absl::string_view id) {
  return std::string(absl::StripPrefix(id, "sha256:").substr(0, kShortIdLength));
}

// It has a process that must end before the container can go.
bool IsAlive(const Container& container) {
  return container.state == ContainerState::kRunning ||
         container.state == ContainerState::kPaused ||
         container.state == ContainerState::kRestarting;
}

// The engine is taking it away, or failed to: it can neither be started nor replaced.
bool IsGoing(const Container& container) {
  return container.state == ContainerState::kRemoving || container.state == ContainerState::kDead;
}

// Why the container cannot stay; "" when it can.
std::string ReplaceReason(const DesiredService& desired, const ObservedService& observed,
                          const Container& container) {
  const std::string hash = LabelOf(container.labels, kLabelConfigHash);
  if (hash.empty()) return "it was not made by nopo";
  if (hash != desired.config_hash) return "its configuration changed";
  if (container.image_id != observed.image_id) {
    return absl::StrCat("its image changed from ", ShortId(container.image_id), " to ",
                        ShortId(observed.image_id));
  }
  if (!desired.uses_project_network) return "";
  // A container remembers its network by id and does not start once that is gone.
  const auto network = container.networks.find(desired.spec.network_mode);
  if (network == container.networks.end() || network->second.empty()) return "";
  return network->second == observed.network_id ? "" : "its network was made anew";
}

// The steps of one instance: everything that carries its number, whatever its name.
class InstanceReconciler {
 public:
  InstanceReconciler(const DesiredService& desired, const ObservedService& observed,
                     DependencyCondition reach, int number, std::vector<ServiceStep>& steps)
      : desired_(desired),
        observed_(observed),
        reach_(reach),
        number_(number),
        name_(ContainerName(desired, number)),
        steps_(steps) {}

  void Run(const std::vector<const Container*>& candidates) {
    const Container* chosen = Choose(candidates);
    for (const Container* other : candidates) {
      if (other != chosen) TakeAway(*other, LeftoverReason(*other, chosen));
    }
    if (chosen == nullptr) {
      Add(CreateContainer{.name = name_}, "no container yet");
      Add(StartContainer{.name = name_}, "just created");
      return;
    }
    const std::string reason = ReplaceReason(desired_, observed_, *chosen);
    if (reason.empty()) {
      Keep(*chosen);
    } else {
      Replace(*chosen, reason);
    }
  }

  void TakeAway(const Container& container, const std::string& reason) {
    if (IsAlive(container)) Add(StopContainer{container.name, container.id}, reason);
    Add(RemoveContainer{container.name, container.id}, reason);
  }

 private:
  // The one to keep or to replace: best one that is as desired, then one that runs, then one that
  // has the right name, then the newest. Null when none is left.
  const Container* Choose(const std::vector<const Container*>& candidates) const {
    auto rank = [&](const Container& container) {
      return std::make_tuple(ReplaceReason(desired_, observed_, container).empty(),
                             IsAlive(container), container.name == name_, container.created_at);
    };
    const Container* best = nullptr;
    for (const Container* candidate : candidates) {
      if (IsGoing(*candidate)) continue;
      if (best == nullptr || rank(*candidate) > rank(*best)) best = candidate;
    }
    return best;
  }

  std::string LeftoverReason(const Container& container, const Container* chosen) const {
    if (IsGoing(container)) return absl::StrCat("it is ", ContainerStateName(container.state));
    return absl::StrCat(chosen->name, " takes its place");
  }

  void Keep(const Container& container) {
    if (container.name != name_) {
      Add(RenameContainer{container.name, container.id, name_}, "its replacement broke off");
    }
    if (container.state == ContainerState::kPaused) {
      Add(StopContainer{name_, container.id}, "it is paused");
    }
    if (NeedsStart(container)) {
      Add(StartContainer{name_, container.id},
          absl::StrCat("it is ", ContainerStateName(container.state)));
    }
  }

  bool NeedsStart(const Container& container) const {
    if (container.state == ContainerState::kRunning) return false;
    if (container.state == ContainerState::kRestarting) return false;
    const bool completed = container.state == ContainerState::kExited && container.exit_code == 0;
    return !(completed && reach_ == DependencyCondition::kCompletedSuccessfully);
  }

  void Replace(const Container& old, const std::string& reason) {
    const std::string temporary = absl::StrCat(ShortId(old.id), "_", name_);
    Add(CreateContainer{.name = temporary, .replaces = old.id, .keep_ports = old.ports}, reason);
    TakeAway(old, "replaced");
    Add(RenameContainer{.name = temporary, .to = name_}, "the name is free");
    Add(StartContainer{.name = name_}, "just created");
  }

  template <typename Action>
  void Add(Action action, std::string reason) {
    steps_.push_back({std::move(action), std::move(reason), number_});
  }

  const DesiredService& desired_;
  const ObservedService& observed_;
  const DependencyCondition reach_;
  const int number_;
  const std::string name_;
  std::vector<ServiceStep>& steps_;
};

struct StepText {
  std::string operator()(const CreateContainer& step) const { return "create " + step.name; }
  std::string operator()(const StartContainer& step) const { return "start " + step.name; }
  std::string operator()(const StopContainer& step) const { return "stop " + step.name; }
  std::string operator()(const RemoveContainer& step) const { return "remove " + step.name; }
  std::string operator()(const RenameContainer& step) const {
    return absl::StrCat("rename ", step.name, " to ", step.to);
  }
};

// What users call the step when it is the one that matters; "" for the others.
struct Headline {
  std::string operator()(const CreateContainer& step) const {
    return step.replaces.empty() ? "created" : "recreated";
  }
  std::string operator()(const StartContainer&) const { return "started"; }
  std::string operator()(const RemoveContainer&) const { return "removed"; }
  std::string operator()(const StopContainer&) const { return ""; }
  std::string operator()(const RenameContainer&) const { return ""; }
};

}  // namespace

ObservedService ObserveService(const EngineSnapshot& snapshot, const DesiredService& desired) {
  ObservedService observed{.image_id = snapshot.ImageId(desired.image)};
  for (const Network& network : snapshot.networks) {
    if (network.name == desired.spec.network_mode) observed.network_id = network.id;
  }
  for (const Container& container : snapshot.containers) {
    const bool ours = LabelOf(container.labels, kLabelProject) == desired.project &&
                      LabelOf(container.labels, kLabelService) == desired.service;
    if (ours && !IsOneOff(container)) observed.containers.push_back(container);
  }
  return observed;
}

std::vector<ServiceStep> ReconcileService(const DesiredService& desired,
                                          const ObservedService& observed,
                                          DependencyCondition reach) {
  std::map<int, std::vector<const Container*>> by_number;
  for (const Container& container : observed.containers) {
    by_number[ContainerNumber(container)].push_back(&container);
  }
  std::vector<ServiceStep> steps;
  for (auto entry = by_number.rbegin(); entry != by_number.rend(); ++entry) {
    const int number = entry->first;
    if (number >= 1 && number <= desired.instances) continue;
    const std::string reason =
        number == 0 ? "it has no number" : absl::StrCat("only ", desired.instances, " wanted");
    InstanceReconciler surplus(desired, observed, reach, number, steps);
    for (const Container* container : entry->second) surplus.TakeAway(*container, reason);
  }
  for (int number = 1; number <= desired.instances; ++number) {
    InstanceReconciler(desired, observed, reach, number, steps).Run(by_number[number]);
  }
  return steps;
}

std::string StepsText(const std::vector<ServiceStep>& steps) {
  std::string text;
  for (const ServiceStep& step : steps) {
    absl::StrAppend(&text, std::visit(StepText(), step.action), ": ", step.reason, "\n");
  }
  return text;
}

std::string StepsSummary(const std::vector<ServiceStep>& steps) {
  // What creates says more than what starts, and that more than what only removes.
  for (const absl::string_view wanted : {"created", "recreated", "started", "removed"}) {
    for (const ServiceStep& step : steps) {
      if (std::visit(Headline(), step.action) != wanted) continue;
      return absl::StrCat(wanted, ": ", step.reason);
    }
  }
  return steps.empty() ? "unchanged" : "repaired";
}

std::vector<Container> FindOrphans(const std::vector<Container>& observed,
                                   const std::vector<std::string>& services) {
  std::vector<Container> orphans;
  for (const Container& container : observed) {
    const std::string service = LabelOf(container.labels, kLabelService);
    const bool wanted = std::find(services.begin(), services.end(), service) != services.end();
    if (!wanted && !IsOneOff(container)) orphans.push_back(container);
  }
  return orphans;
}

}  // namespace nopo
