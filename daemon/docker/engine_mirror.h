// The engine's containers, networks, volumes and images of interest, in memory, kept true by its
// event stream.
//
// Owns one thread that reads events and another that re-inspects what they name. There are no
// timers: at rest nothing happens, and a lost engine is looked for when somebody wants to know.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "common/debug_log.h"
#include "daemon/docker/docker_engine.h"

namespace nopo {

// The engine at one moment. Immutable.
struct EngineSnapshot {
  std::vector<Container> containers;  // Those with Compose's project label, sorted by name.
  std::vector<Network> networks;      // Likewise.
  std::vector<Volume> volumes;        // Likewise.
  ImageIds image_ids;                 // Of the images wished for.

  // "" when no image has that tag; accepts any spelling that NormalizedTag does, or an id.
  std::string ImageId(absl::string_view reference) const;
  std::vector<Container> ContainersOf(absl::string_view project) const;
};

// How old the later looks of one operation may be; see SnapshotWish.
inline constexpr absl::Duration kSameOperation = absl::Milliseconds(100);
// The same for an operation that began at `start` and may not have looked yet.
absl::Duration AgeInOperation(absl::Time start);

struct SnapshotWish {
  // A snapshot that was proven that short a time ago will do, unless an event or an Invalidate has
  // come since: for the later looks of one operation, whose first look was without.
  absl::Duration max_age = absl::ZeroDuration();
  // Names or ids whose EngineSnapshot::ImageId is going to be asked for; it knows no others.
  std::vector<std::string> images;
};

class EngineMirror {
 public:
  // Starts to follow; `engine` must outlive it.
  explicit EngineMirror(DockerEngine& engine);
  // Stops and joins the threads.
  ~EngineMirror();

  // The present state. Reflects every change that the engine had logged as an event when this was
  // called, whoever made it; the engine logs nearly all before it answers the call that made them
  // (exceptions: Invalidate). To be sure of that each call reads the engine's newest events (less
  // than 1 ms) and inspects what they name. Where the engine's clock is not this machine's (a
  // virtual machine), a change may show as late as its event arrives, usually 1 ms. Images are
  // asked about by name (ImageLookup): when an event has told of one that it may be, and each time
  // on engines that do not log what BuildKit builds (LogsBuiltImages).
  //
  // Blocks besides for the first listing after a (re)connect. Tries to connect, once, when the
  // engine is lost.
  //
  // `log` is told what it took.
  //
  // Errors: as DockerEngine's when the engine cannot be reached; CANCELLED.
  absl::StatusOr<std::shared_ptr<const EngineSnapshot>> Snapshot(const Cancellation& cancellation,
                                                                 const SnapshotWish& wish = {},
                                                                 DebugLog& log = NoDebugLog());

  // ImageId of such a snapshot; where images are asked about one by one it is no more than that.
  absl::StatusOr<std::string> ImageId(const std::string& reference, absl::Duration max_age,
                                      const Cancellation& cancellation);

  // Blocks until the container's state satisfies `done`, which is called on this thread, with
  // nullopt once it is gone (or has no project label). Woken by events, never polls.
  //
  // Errors: DEADLINE_EXCEEDED after `deadline`; CANCELLED; as Snapshot when the engine goes away
  // and does not answer at once.
  absl::Status WaitFor(absl::string_view container_id, absl::Time deadline,
                       const std::function<bool(const std::optional<Container>&)>& done,
                       const Cancellation& cancellation);

  // For a change that the engine logs only after it has answered (a container that ended by itself)
  // or not at all (a start that failed): the next Snapshot looks at these again.
  void Invalidate(absl::string_view container_id);
  void InvalidateImages();
  void InvalidateNetworksAndVolumes();

  // True while the event stream is up.
  bool connected() const;
  // Why the engine was lost, or could not be reached; OK while connected and before the first try.
  absl::Status last_error() const;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace nopo
