// The engine's containers, networks, volumes and images of interest, in memory, kept true by its
// event stream.
//
// Owns one thread that reads events and another that re-inspects what they name. Reads never ask the
// engine: they wait, at most, until everything the engine had reported when they were called has been
// applied. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// The engine at one moment. Immutable.
struct EngineSnapshot {
  std::vector<Container> containers;  // Those with Compose's project label, sorted by name.
  std::vector<Network> networks;      // Likewise.
  std::vector<Volume> volumes;        // Likewise.
  std::map<std::string, std::string> image_ids;  // Normalised tag -> "sha256:..."

  // "" when no image has that tag; accepts any spelling that NormalizedTag does, or an id.
  std::string ImageId(absl::string_view reference) const;
  std::vector<Container> ContainersOf(absl::string_view project) const;
};

class EngineMirror {
 public:
  // Starts to follow; `engine` must outlive it.
  explicit EngineMirror(DockerEngine& engine);
  // Stops and joins the threads.
  ~EngineMirror();

  // The present state. Blocks for the first listing after a (re)connect, or while changes just
  // reported are being looked at.
  //
  // Errors: as DockerEngine's when the engine cannot be reached; CANCELLED.
  absl::StatusOr<std::shared_ptr<const EngineSnapshot>> Snapshot(const Cancellation& cancellation);

  // Blocks until the container's state satisfies `done` (called with nullopt once it is gone), the
  // deadline (DEADLINE_EXCEEDED) or cancellation. Woken by events, never polls.
  absl::Status WaitFor(absl::string_view container_id, absl::Time deadline,
                       const std::function<bool(const std::optional<Container>&)>& done,
                       const Cancellation& cancellation);

  // After a change that nopo made itself: the next Snapshot shows it even if its event is late.
  // Re-inspects the container, images, networks and volumes at the next read.
  void Invalidate(absl::string_view container_id);
  void InvalidateImages();
  void InvalidateNetworksAndVolumes();

  // True while the event stream is up.
  bool connected() const;
  // The error of the last attempt to connect; OK while connected.
  absl::Status last_error() const;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace nopo
