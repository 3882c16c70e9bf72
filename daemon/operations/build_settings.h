// What a user's settings mean for the images of a request.
#pragma once

#include "absl/status/statusor.h"
#include "common/cancellation.h"
#include "daemon/build/cache_choice.h"
#include "daemon/build/image_builder.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/engine_session.h"
#include "daemon/operations/settings.h"

namespace nopo {

// How a request's images are built.
struct ImageSettings {
  ImageBuildOptions options;
  BuildkitClient* elsewhere = nullptr;  // Null: with the engine's own BuildKit.
};

// Where BUILDKIT_HOST, else the builder that DOCKER_BUILDER names, says that images are built; null
// for the engine's own BuildKit. One in a container is in the engine of `session`, null without an
// engine. A builder that cannot be used is a warning.
//
// Errors: those of ParseBuildkitHost and FindBuildxBuilder; UNAVAILABLE without the engine.
absl::StatusOr<BuildkitClient*> FindBuildkitElsewhere(const Settings& settings,
                                                      EngineSessions& engines,
                                                      EngineSession* session, EventSink& events);

// Fills in where to build, caches (of the project, not yet of a target) and platforms. Asks
// BuildKit what it can only when that matters.
//
// Errors: those of FindBuildkitElsewhere, ChooseCaches, CheckCaches and
// BuildkitClient::Capabilities; FAILED_PRECONDITION (BUILD_FAILED) for several platforms where
// nobody could keep such an image.
absl::Status ReadBuildSettings(const Settings& settings, const CacheRequest& request,
                               EngineSessions& engines, EngineSession& session, EventSink& events,
                               const Cancellation& cancellation, ImageSettings& build);

}  // namespace nopo
