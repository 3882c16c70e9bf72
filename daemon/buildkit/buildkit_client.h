// Builds images through BuildKit: the one inside a Docker Engine, reached by upgrading a connection
// to the engine's socket, or a buildkitd elsewhere. Speaks moby.buildkit.v1.Control and serves the
// session's file sync itself; no docker or buildx program is involved.
//
// Thread-safe: one control connection (gRPC channel) is kept and shared. Builds of one request
// share sessions, which the next request never reuses: the engine would silently build the files it
// was sent before.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "daemon/buildkit/archive_sink.h"
#include "daemon/buildkit/buildkit_address.h"
#include "daemon/buildkit/oci_layout.h"
#include "daemon/buildkit/session_grants.h"

namespace nopo {

class ControlConnection;
class KeptDefinitions;
class RequestSessions;
class SyncedDirectory;

// A place to take steps' results from, or to put them: "registry", "local", "gha" ... and
// BuildKit's attributes for it.
struct CacheEntry {
  std::string type;
  std::map<std::string, std::string> attrs;
  friend bool operator==(const CacheEntry&, const CacheEntry&) = default;
};

// What one BuildKit can and another cannot.
struct BuildkitCapabilities {
  // Its store keeps manifests: caches go to places outside of images, images have several
  // platforms.
  bool has_manifests = false;
};

// Where an image goes.
enum class ImageDestination {
  kEngine,    // The store of the engine that BuildKit is inside of.
  kArchive,   // SolveOptions::receive takes it.
  kRegistry,  // The registry in its name, from BuildKit itself.
};

// An image that BuildKit cannot get by itself: a manifest in a layout on this machine.
struct LocalImage {
  OciLayout layout;
  std::string digest;  // Of the manifest.
};

// One image to build with the Dockerfile frontend.
struct SolveOptions {
  std::shared_ptr<const SyncedDirectory> context;
  // Stands for the context's directory and what of it is left out, in this request and the next:
  // the engine compares with the copy that it keeps under this key. ASCII.
  std::string context_key;
  std::string dockerfile_text;                 // The Dockerfile, served from memory.
  std::string dockerfile_name = "Dockerfile";  // For messages; may be a path.
  // The text of the ignore file that counts; unset = the context's own .dockerignore.
  std::optional<std::string> dockerignore_text;
  std::string target;  // Stage; "" = the last.
  std::map<std::string, std::string> build_args;
  std::map<std::string, std::string> labels;
  std::vector<std::string> tags;  // Names for the result in the engine's store.
  bool no_cache = false;
  bool pull = false;                   // Resolve FROM at the registry even if the image is local.
  std::string network_mode;            // "" (default), "none", "host"
  std::vector<std::string> platforms;  // "linux/arm64"; empty = BuildKit's own.
  // Directories of caches of type "local" (src, dest) are absolute and of this machine.
  std::vector<CacheEntry> cache_from, cache_to;
  ImageDestination destination = ImageDestination::kEngine;
  ArchiveOpener receive;                           // For kArchive.
  std::map<std::string, LocalImage> local_images;  // By the name after FROM.
  // The ids of all images that the Dockerfile names, where the engine has them all. What the
  // frontend makes of a Dockerfile is then made once, as long as nothing of this changes.
  std::optional<std::map<std::string, std::string>> base_images;
  SessionGrants grants;
};

// One step of a build ("vertex"), merged from everything BuildKit said of it so far.
struct SolveVertex {
  std::string digest;
  std::string name;  // "[2/4] COPY . /app"
  bool cached = false;
  bool started = false;
  bool completed = false;
  std::string error;
  absl::Duration duration;
};
// Progress inside a step: "transferring context:", "exporting layers".
struct SolveStatus {
  std::string vertex;  // Digest.
  std::string id;
  std::string name;
  int64_t current = 0;
  int64_t total = 0;  // 0 = unknown.
  bool completed = false;
};
struct SolveLog {
  std::string vertex;
  bool is_stderr = false;
  std::string data;  // Not line-aligned.
};
struct SolveWarning {
  std::string vertex;
  std::string message;
};
using SolveEvent = std::variant<SolveVertex, SolveStatus, SolveLog, SolveWarning>;

struct SolveResult {
  std::string image_id;         // "sha256:..." of the image's config.
  std::string manifest_digest;  // "" where the engine's store has none.
  // Messages with files and lists of files that went to BuildKit. What several builds of a request
  // share is counted for the first of them to end.
  int64_t bytes_sent = 0;
  std::string session;            // Id of the one that served it.
  bool repeats_frontend = false;  // The Dockerfile was not read anew.
  // Steps of the Dockerfile that BuildKit looked at, without FROM, and those it took from its
  // cache.
  int steps = 0;
  int cached_steps = 0;
};

class BuildkitClient {
 public:
  // Connects lazily, again after BuildKit went away.
  // With a `dialer`, which must stay good as long as this lives, that is how it connects.
  explicit BuildkitClient(BuildkitAddress address, BuildkitDialer dialer = nullptr);
  ~BuildkitClient();

  const BuildkitAddress& address() const;

  // For the builds of one request; must not outlive this. `shared_key` is the same for each request
  // of one project on one machine: it lets the engine compare with the files that it was sent.
  std::unique_ptr<RequestSessions> NewRequest(std::string shared_key) const;

  // Builds and tags one image. Blocks; `progress` is called on another thread, one call at a time,
  // never after Solve returned. On cancellation returns only once BuildKit has let go of the build.
  //
  // Errors (reason BUILD_FAILED unless said otherwise):
  //   FAILED_PRECONDITION  the build failed: a step, the Dockerfile, a missing file, an image that
  //                        cannot be pulled (NETWORK). The message is BuildKit's without its
  //                        prefixes; "Dockerfile:12: " before it if known
  //   FAILED_PRECONDITION (ENGINE_FAILED)  the engine has no BuildKit
  //   PERMISSION_DENIED (PERMISSION)  the user may not use the engine's socket
  //   UNAVAILABLE (ENGINE_UNAVAILABLE)  no engine, or it went away in the middle; NETWORK where
  //                        BuildKit is not an engine's
  //   CANCELLED
  absl::StatusOr<SolveResult> Solve(const SolveOptions& options, RequestSessions& sessions,
                                    const std::function<void(const SolveEvent&)>& progress,
                                    const Cancellation& cancellation);

  // The next Solve has the Dockerfile read anew: an image that it names may have been another one
  // when it was read than `options` say.
  void ForgetDockerfile(const SolveOptions& options);

  // Asks each time, which takes BuildKit some 20 ms.
  //
  // Errors: as Solve, those of connecting.
  absl::StatusOr<BuildkitCapabilities> Capabilities(const Cancellation& cancellation);

 private:
  // What may be behind a connection that ends before anything was said.
  absl::Status WithTlsHint(absl::Status failure) const;

  std::unique_ptr<ControlConnection> control_;
  std::unique_ptr<KeptDefinitions> kept_;
};

}  // namespace nopo
