// What has to be looked at again, as the engine's events tell, images aside: see ImageLookup. Pure.
#pragma once

#include <set>
#include <string>

#include "daemon/docker/docker_engine.h"

namespace nopo {

// Whether the engine logs an event for each tag that a build by BuildKit makes or moves. Those
// before API 1.44 are not known to, and up to 28.0 none does with the containerd image store. That
// store was seldom turned on in 25 and 26 (API 1.44, 1.45), so these count as logging: where it is
// on, somebody else's build shows only at the next image event.
bool LogsBuiltImages(const EngineVersion& version);

bool TellsOfImages(const EngineEvent& event);

struct EngineChanges {
  bool everything = false;
  std::set<std::string> containers;  // Ids.
  // Ids of containers whose networks changed. The engine does not say what they are labelled, so
  // they count only where they are known already.
  std::set<std::string> network_members;
  bool networks_and_volumes = false;

  // Adds what `event` makes doubtful.
  void Note(const EngineEvent& event);
  void Add(const EngineChanges& other);
  bool ConcernContainers() const;
  bool empty() const;
  // Moves out what ConcernContainers; the rest stays.
  EngineChanges TakeContainers();
};

}  // namespace nopo
