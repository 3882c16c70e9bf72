#include "daemon/docker/engine_changes.h"

#include <utility>

#include "daemon/docker/compose_labels.h"

namespace nopo {

bool LogsBuiltImages(const EngineVersion& version) {
  // What the engine is, not what we speak with it.
  const EngineVersion engine{.api_version = version.engine_api_version};
  return engine.ApiAtLeast(1, 49) || (engine.ApiAtLeast(1, 44) && !engine.ApiAtLeast(1, 46));
}

bool TellsOfImages(const EngineEvent& event) { return event.type == "image"; }

void EngineChanges::Note(const EngineEvent& event) {
  if (event.type == "container") {
    if (event.attributes.count(kLabelProject) > 0) containers.insert(event.actor_id);
  } else if (TellsOfImages(event)) {
    return;
  } else if (event.action == "create" || event.action == "destroy") {
    networks_and_volumes = true;
  } else if (event.type == "network") {
    const auto member = event.attributes.find("container");
    if (member != event.attributes.end()) network_members.insert(member->second);
  }
}

void EngineChanges::Add(const EngineChanges& other) {
  everything |= other.everything;
  containers.insert(other.containers.begin(), other.containers.end());
  network_members.insert(other.network_members.begin(), other.network_members.end());
  networks_and_volumes |= other.networks_and_volumes;
}

bool EngineChanges::empty() const { return !ConcernContainers() && !networks_and_volumes; }

bool EngineChanges::ConcernContainers() const {
  return everything || !containers.empty() || !network_members.empty();
}

EngineChanges EngineChanges::TakeContainers() {
  EngineChanges taken;
  taken.everything = std::exchange(everything, false);
  taken.containers = std::exchange(containers, {});
  taken.network_members = std::exchange(network_members, {});
  return taken;
}

}  // namespace nopo
