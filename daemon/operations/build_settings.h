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

// Fills in caches (of the project, not yet of a target) and platforms. Asks BuildKit what it can
// only when that matters.
//
// Errors: those of ChooseCaches, CheckCaches and BuildkitClient::Capabilities; FAILED_PRECONDITION
// (BUILD_FAILED) for several platforms where the engine's store keeps images of one;
// INVALID_ARGUMENT (CONFIGURATION) for BUILDKIT_HOST, which nopo does not go to.
absl::Status ReadBuildSettings(const Settings& settings, const CacheRequest& request,
                               EngineSession& session, EventSink& events,
                               const Cancellation& cancellation, ImageBuildOptions& options);

}  // namespace nopo
