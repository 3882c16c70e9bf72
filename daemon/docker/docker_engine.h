// The Docker Engine API, as far as nopo speaks it. Knows nothing of projects or targets.
//
// Thread-safe: calls take kept-alive connections from a small pool. Every call blocks and ends
// early, with CANCELLED, when its `cancellation` fires.
//
// Errors of all calls (Reason in parentheses, see common/error.h):
//   UNAVAILABLE (ENGINE_UNAVAILABLE)  nobody answers at the endpoint, or it went away in the middle
//   PERMISSION_DENIED (PERMISSION)    the user may not use the socket
//   NOT_FOUND                         no such container, image, network or volume
//   ALREADY_EXISTS                    the name is taken
//   FAILED_PRECONDITION               the engine says 409 or 403: in use, not running ...
//   RESOURCE_EXHAUSTED (PORT_TAKEN)   StartContainer: a host port is taken
//   INTERNAL                          anything else
// Where the engine itself refused, the message is its own and the reason ENGINE_FAILED unless
// another is named.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/endpoint.h"
#include "daemon/docker/transfer_reader.h"
#include "daemon/docker/types.h"

namespace nopo {

class HttpStream;
class HttpUpload;

// One of the engine's events (GET /events), as far as anybody needs it.
struct EngineEvent {
  std::string type;    // "container", "image", "network", "volume"
  std::string action;  // "start", "health_status: healthy"
  std::string actor_id;
  Labels attributes;
  int64_t time_ns = 0;
};

struct LogOptions {
  bool follow = false;
  int tail = -1;  // Lines; -1 = all.
  bool timestamps = false;
  absl::Time since = absl::InfinitePast();
};

// A piece of a container's output.
enum class ContainerStream { kStdout, kStderr };
using OutputHandler = std::function<void(ContainerStream stream, absl::string_view data)>;

class DockerEngine;

// A container that was started with its terminal attached. The engine must outlive it.
class ContainerTerminal {
 public:
  ContainerTerminal(ContainerTerminal&&) noexcept;
  ~ContainerTerminal();

  // What is written here is typed, what is read was printed. Does not block. At its end when the
  // container is, or when the cancellation given to StartOnTerminal has fired.
  int fd() const;
  // Blocks until the container has ended; its exit code.
  absl::StatusOr<int> Wait();

 private:
  friend class DockerEngine;
  ContainerTerminal(DockerEngine& engine, HttpStream connection, HttpStream exit);

  DockerEngine* engine_;
  std::unique_ptr<HttpStream> connection_, exit_;
};

// Blocks for the next bytes of an archive, which are good until the next call; "" at its end.
using ArchiveSource = std::function<absl::StatusOr<absl::string_view>()>;

// An archive of images on its way into the engine. Used by one thread; gives up when destroyed
// before Finish.
class ImageLoad {
 public:
  ImageLoad(ImageLoad&&) noexcept;
  ~ImageLoad();

  // Blocks while the engine is busy.
  absl::Status Write(absl::string_view bytes);
  // Blocks until the engine has the images. Errors: the engine's words about the archive.
  absl::Status Finish();

 private:
  friend class DockerEngine;
  explicit ImageLoad(HttpUpload upload);

  std::unique_ptr<HttpUpload> upload_;
};

// The streams of a command that was started in a running container. The engine must outlive it.
class ExecStreams {
 public:
  ExecStreams(ExecStreams&&) noexcept;
  ~ExecStreams();

  // What is written here the command reads; what is read it has printed, as LogDemultiplexer takes
  // it. Shut down for writing, it ends the command's input. Does not block. At its end when the
  // command is, or when the cancellation given to StartExec has fired; closing it ends nothing.
  int fd() const;
  // What was printed before fd() could be read. Once.
  std::string TakeEarly();

 private:
  friend class DockerEngine;
  explicit ExecStreams(HttpStream connection);

  std::unique_ptr<HttpStream> connection_;
};

class DockerEngine {
 public:
  // Connects lazily.
  explicit DockerEngine(Endpoint endpoint);
  ~DockerEngine();

  const Endpoint& endpoint() const;

  // GET /_ping; also fixes the API version that later calls use. Cheap (0.2 ms).
  absl::StatusOr<EngineVersion> Ping(const Cancellation& cancellation);
  // GET /version: the engine's own version ("26.1.5"). 20 ms: never on a warm path.
  absl::StatusOr<std::string> Version(const Cancellation& cancellation);

  // `labels`: "key" or "key=value", all must match. Each container found is inspected, so that
  // health and ports are known.
  absl::StatusOr<std::vector<Container>> ListContainers(const std::vector<std::string>& labels,
                                                        const Cancellation& cancellation);
  absl::StatusOr<Container> InspectContainer(absl::string_view id,
                                             const Cancellation& cancellation);
  // Returns the id.
  absl::StatusOr<std::string> CreateContainer(absl::string_view name, const ContainerSpec& spec,
                                              const Cancellation& cancellation);
  // OK also when it runs already.
  absl::Status StartContainer(absl::string_view id, const Cancellation& cancellation);
  // SIGTERM (or the container's own stop signal), SIGKILL after `grace`. OK when it is not running.
  absl::Status StopContainer(absl::string_view id, absl::Duration grace,
                             const Cancellation& cancellation);
  // OK also when it is gone; waits for a removal already in progress.
  absl::Status RemoveContainer(absl::string_view id, bool force, bool volumes,
                               const Cancellation& cancellation);
  absl::Status RenameContainer(absl::string_view id, absl::string_view name,
                               const Cancellation& cancellation);
  // Attaches to stdout and stderr, starts the container, hands output to `output` on this thread
  // until it ends, returns its exit code. Nothing printed is lost. The container is not removed.
  absl::StatusOr<int> RunAttached(absl::string_view id, const OutputHandler& output,
                                  const Cancellation& cancellation);
  // Attaches to the terminal of a container made with `tty` and `open_stdin`, and starts it.
  absl::StatusOr<ContainerTerminal> StartOnTerminal(absl::string_view id,
                                                    const Cancellation& cancellation);
  absl::Status ResizeTerminal(absl::string_view id, int columns, int rows,
                              const Cancellation& cancellation);

  // Prepares a command in a running container; returns its id. To be started once.
  //
  // Errors: FAILED_PRECONDITION when the container does not run, or is paused.
  absl::StatusOr<std::string> CreateExec(absl::string_view container_id, const ExecSpec& spec,
                                         const Cancellation& cancellation);
  // Starts it with its streams attached; `tty` as it was created. A command that cannot be started
  // is no error here: see ExecState::refused.
  absl::StatusOr<ExecStreams> StartExec(absl::string_view exec_id, bool tty,
                                        const Cancellation& cancellation);
  // Starts it and leaves it alone. INTERNAL when it cannot be started.
  absl::Status StartDetachedExec(absl::string_view exec_id, const Cancellation& cancellation);
  absl::StatusOr<ExecState> InspectExec(absl::string_view exec_id,
                                        const Cancellation& cancellation);
  absl::Status ResizeExec(absl::string_view exec_id, int columns, int rows,
                          const Cancellation& cancellation);
  // Blocks until it has ended; its exit code. The end of its streams comes a moment before.
  absl::StatusOr<int> WaitForExec(absl::string_view container_id, absl::string_view exec_id,
                                  const Cancellation& cancellation);

  // Until the log ends, or with `follow` until the container does or `cancellation` fires (OK
  // then).
  absl::Status ReadLogs(absl::string_view id, const LogOptions& options,
                        const OutputHandler& output, const Cancellation& cancellation);

  absl::StatusOr<std::vector<Network>> ListNetworks(const std::vector<std::string>& labels,
                                                    const Cancellation& cancellation);
  absl::StatusOr<std::string> CreateNetwork(absl::string_view name, const Labels& labels,
                                            const Cancellation& cancellation);
  absl::Status RemoveNetwork(absl::string_view id, const Cancellation& cancellation);
  absl::StatusOr<std::vector<Volume>> ListVolumes(const std::vector<std::string>& labels,
                                                  const Cancellation& cancellation);
  absl::StatusOr<Volume> InspectVolume(absl::string_view name, const Cancellation& cancellation);
  // Leaves one that is there already as it is.
  absl::Status CreateVolume(absl::string_view name, const Labels& labels,
                            const Cancellation& cancellation);
  absl::Status RemoveVolume(absl::string_view name, const Cancellation& cancellation);

  absl::StatusOr<std::vector<Image>> ListImages(const Cancellation& cancellation);
  absl::StatusOr<Image> InspectImage(absl::string_view reference, const Cancellation& cancellation);
  absl::Status RemoveImage(absl::string_view reference, const Cancellation& cancellation);
  // Pulls one tag, or what a digest names. Returns the digest
  // of the manifest. `registry_auth_json`: Docker's AuthConfig; "" for none.
  //
  // Errors: NOT_FOUND and UNAVAILABLE with reason NETWORK carry the registry's words.
  absl::StatusOr<std::string> PullImage(absl::string_view reference,
                                        absl::string_view registry_auth_json,
                                        const TransferObserver& progress,
                                        const Cancellation& cancellation);
  // Pushes one tag to the registry in its name. Returns the digest of the manifest.
  //
  // Errors: as PullImage; NOT_FOUND (ENGINE_FAILED) when the engine has no such image.
  absl::StatusOr<std::string> PushImage(absl::string_view reference,
                                        absl::string_view registry_auth_json,
                                        const TransferObserver& progress,
                                        const Cancellation& cancellation);

  // An archive as `docker save` writes it; `cancellation` must outlive what is returned.
  absl::StatusOr<ImageLoad> LoadImages(const Cancellation& cancellation);
  // The archive of an image; the same goes for it.
  absl::StatusOr<ArchiveSource> SaveImage(absl::string_view reference,
                                          const Cancellation& cancellation);

  // The events nopo cares about: those of containers (without exec's), images, networks and
  // volumes. Those from `since` to `until`, both inclusive and past by the engine's clock, oldest
  // first, as far as they are among the last 256 of any kind. Costs less than a millisecond. An
  // `until` in the engine's future makes it wait for that moment.
  absl::StatusOr<std::vector<EngineEvent>> PastEvents(absl::Time since, absl::Time until,
                                                      const Cancellation& cancellation);
  // Streams events from `since` (InfinitePast = from now) until the engine closes the stream
  // (UNAVAILABLE) or `cancellation` fires (CANCELLED). `subscribed` is called once the engine has
  // answered. `handler` must be quick: the engine drops events for a reader that lags.
  absl::Status StreamEvents(absl::Time since, const std::function<void()>& subscribed,
                            const std::function<void(const EngineEvent&)>& handler,
                            const Cancellation& cancellation);

 private:
  friend class ContainerTerminal;
  class Connections;
  struct Attached;
  // Attaches as `query` says, then starts the container: neither output nor the exit code is
  // missed.
  absl::StatusOr<Attached> StartAttached(absl::string_view id, absl::string_view query,
                                         const Cancellation& cancellation);
  // The exit code that the answer to "wait" brings once there is one.
  absl::StatusOr<int> ReadExit(HttpStream& exit);

  const std::unique_ptr<Connections> connections_;
};

}  // namespace nopo
