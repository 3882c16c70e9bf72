// The engine's things of interest as last looked at, images aside, and looking at them again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_changes.h"
#include "daemon/docker/engine_mirror.h"

namespace nopo {

// Used by one thread at a time.
class EnginePicture {
 public:
  // `engine` must outlive it.
  explicit EnginePicture(DockerEngine& engine) : engine_(engine) {}

  // Asks the engine about what `changes` names.
  //
  // Errors: the engine's. Parts may be new and parts old then: the next call has to name
  // everything.
  absl::Status Refresh(const EngineChanges& changes, const Cancellation& cancellation);

  // Whether the engine's events tell of all images. Known after everything has been looked at.
  bool image_events_suffice() const { return image_events_suffice_; }

  // The picture as a value: the same object as long as nothing differs.
  std::shared_ptr<const EngineSnapshot> Snapshot();

 private:
  absl::Status ListContainers(const Cancellation& cancellation);
  absl::Status LookAtContainer(const std::string& id, const Cancellation& cancellation);
  absl::Status ListNetworksAndVolumes(const Cancellation& cancellation);
  // Assigns and remembers whether that made a difference.
  template <typename Value>
  void Set(Value& place, Value value);

  DockerEngine& engine_;
  bool image_events_suffice_ = false;
  std::map<std::string, Container> containers_;  // By id.
  std::vector<Network> networks_;
  std::vector<Volume> volumes_;
  std::shared_ptr<const EngineSnapshot> snapshot_;  // Null when something differs from it.
};

}  // namespace nopo
