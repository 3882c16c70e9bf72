// Builds the images of one request, or proves that they need no building.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "daemon/build/build_decision.h"
#include "daemon/build/build_plan.h"
#include "daemon/build/cache_settings.h"
#include "daemon/build/context_snapshots.h"
#include "daemon/build/watched_trees.h"
#include "daemon/buildkit/buildkit_client.h"
#include "daemon/buildkit/request_sessions.h"
#include "daemon/events/event_sink.h"
#include "daemon/graph/plan_runner.h"
#include "daemon/state/build_history.h"
#include "daemon/state/ledger.h"

namespace nopo {

struct ImageBuildOptions {
  bool force = false;  // Ask BuildKit even when the inputs are known to be unchanged.
  bool no_cache = false;
  bool pull = false;
  // BuildKit pushes the image itself and the engine does not get it. For a BuildKit elsewhere only.
  bool push = false;
  LoginLookup login;                              // For registries that BuildKit turns to.
  CacheSettings caches;                           // Of the image.
  std::vector<std::string> platforms;             // Empty = BuildKit's own.
  std::map<std::string, std::string> secrets;     // Values by id.
  std::map<std::string, std::string> ssh_agents;  // Sockets by id.
};

// What became of an image; for `build --output` and the result JSON.
struct BuiltImage {
  std::string target, tag, image_id, digest;
  bool cached = false;              // BuildKit was not asked, or every step was cached.
  int steps = 0, cached_steps = 0;  // See SolveResult.
  int64_t bytes_sent = 0;           // See SolveResult.
};

// What the daemon knows of earlier builds.
struct BuildMemory {
  Ledger& ledger;
  BuildHistory& history;
  WatchedTrees& trees;
};

// An engine's images, as builds need them; thread-safe.
struct EngineImages {
  // The id of a tag, "" when there is none: of the engine's present state, the images that the same
  // request built before included.
  std::function<absl::StatusOr<std::string>(absl::string_view reference,
                                            const Cancellation& cancellation)>
      id;
  // The same, of the state at this moment, whatever the request has looked at before.
  std::function<absl::StatusOr<std::string>(absl::string_view reference,
                                            const Cancellation& cancellation)>
      id_now;
  // In bytes, 0 when that is not known.
  std::function<int64_t(const std::string& id, const Cancellation& cancellation)> size;
  // Takes an archive of an image in. Needed for a BuildKit elsewhere, like the next.
  std::function<absl::StatusOr<std::unique_ptr<ArchiveSink>>(const Cancellation& cancellation)>
      load;
  // An image that only the engine has, for a BuildKit that cannot pull it; empty for others.
  std::function<absl::StatusOr<std::optional<LocalImage>>(
      const std::string& reference, const std::string& id, const Cancellation& cancellation)>
      layout;
};

// Thread-safe; what it is given must outlive it. For each context its images share one list of the
// files and one session with BuildKit, which the next request must not: nobody tells BuildKit of an
// edit.
class ImageBuilder {
 public:
  // `scope` is that of ledger and history.
  ImageBuilder(BuildkitClient& buildkit, const BuildMemory& memory, std::string scope,
               EngineImages engine);

  // Reports BuildKit's steps as TaskProgress and their logs as TaskOutput of `task`. Skips the
  // build (up_to_date) when the fingerprint of Dockerfile, context, args and base images equals
  // that of the last good build and the image is still there under its tag. Labels that git
  // decides do not count: a commit alone rebuilds nothing. A base image that the engine does not
  // list (BuildKit fetched it for itself) counts as unchanged until `pull`.
  //
  // A context that cannot be read as a whole is left to BuildKit, which may need only a part of it;
  // such a build is never skipped. Files that change before BuildKit has them are listed and sent
  // again; what still changes then goes over as it is, with a warning and without a record, as does
  // a build during which somebody moved the tag of a base image. Errors of the ledger only cost the
  // next call its skip.
  TaskResult Build(const std::string& task, const ImageBuild& build,
                   const ImageBuildOptions& options, EventSink& events,
                   const Cancellation& cancellation, BuiltImage& built);

  // What Build would decide now, without asking BuildKit.
  absl::StatusOr<BuildDecision> Explain(const std::string& task, const ImageBuild& build,
                                        const ImageBuildOptions& options,
                                        const Cancellation& cancellation);

  // A command ran on the host: the next image is built of what it left.
  void FilesMayHaveChanged() { contexts_.FilesMayHaveChanged(); }

 private:
  // What one image is built of.
  struct Inputs {
    BuildContext context;
    std::map<std::string, std::string> base_ids;  // Of the base images, "" where there is none.
    std::vector<std::string> options;             // Of the request, as far as they count.
    std::optional<std::string> fingerprint;       // Empty when it cannot be known.
  };

  absl::StatusOr<Inputs> InputsOf(const ImageBuild& build, const ImageBuildOptions& options,
                                  const Cancellation& cancellation);
  // The inputs, and whether they prove the engine's image to be what would be built.
  struct Assessment {
    Inputs inputs;
    std::string image_id;              // The engine's, "" when it has none.
    std::optional<BuildRecord> proof;  // There when the decision is that it is up to date.
    BuildDecision decision;
  };

  absl::StatusOr<Assessment> Assess(const std::string& task, const ImageBuild& build,
                                    const ImageBuildOptions& options,
                                    const Cancellation& cancellation);
  // The record of the build of image `id` from just these inputs.
  std::optional<BuildRecord> FindProof(const std::string& task, const Inputs& inputs,
                                       const std::string& id);
  // Why the image, which the engine knows by `id`, is not proven up to date; for people.
  std::string WhyBuild(const std::string& task, const ImageBuild& build, const Inputs& inputs,
                       const std::string& id);
  // The first of the base images that is another one than `inputs` say by now; "" when none is.
  std::string MovedBaseImage(const Inputs& inputs, const Cancellation& cancellation);
  // Enters what was asked of BuildKit into the history.
  void Remember(const BuiltImage& built, const std::string& why, absl::Time started,
                const absl::Status& outcome, const Cancellation& cancellation);
  // `solve` for a BuildKit that is not the engine's: where the image goes, and what it stands on
  // that only the engine has.
  absl::Status PrepareElsewhere(const Inputs& inputs, const ImageBuildOptions& options,
                                const Cancellation& cancellation, SolveOptions& solve);
  TaskResult Solve(const std::string& task, const ImageBuild& build, const Inputs& inputs,
                   const ImageBuildOptions& options, EventSink& events,
                   const Cancellation& cancellation, BuiltImage& built);
  void Record(const std::string& task, const ImageBuild& build, const Inputs& inputs,
              const BuiltImage& built, EventSink& events);

  BuildkitClient& buildkit_;
  const std::unique_ptr<RequestSessions> sessions_;
  ContextSnapshots contexts_;
  const BuildMemory memory_;
  const std::string scope_;
  const EngineImages engine_;
};

}  // namespace nopo
