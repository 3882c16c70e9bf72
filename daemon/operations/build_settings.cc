#include "daemon/operations/build_settings.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

absl::Status CheckBuilder(const Settings& settings, EventSink& events) {
  if (const std::string host = settings.Find("BUILDKIT_HOST"); !host.empty()) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
        absl::StrCat("BUILDKIT_HOST=", host, ": nopo builds with the engine's own BuildKit only"),
        {"Unset it; DOCKER_HOST says which engine builds."});
  }
  if (const std::string builder = settings.Find("DOCKER_BUILDER"); !builder.empty()) {
    events.Warning(absl::StrCat("DOCKER_BUILDER=", builder,
                                " is not used: builders are buildx's, and nopo builds with the ",
                                "engine's own BuildKit"));
  }
  return absl::OkStatus();
}

bool NeedsManifests(const CacheSettings& caches) {
  const auto is_beside_images = [](const CacheEntry& entry) { return entry.type != "inline"; };
  const auto is_github = [](const CacheEntry& entry) { return entry.type == "gha"; };
  return std::any_of(caches.to.begin(), caches.to.end(), is_beside_images) ||
         std::any_of(caches.from.begin(), caches.from.end(), is_github);
}

}  // namespace

absl::Status ReadBuildSettings(const Settings& settings, const CacheRequest& request,
                               EngineSession& session, EventSink& events,
                               const Cancellation& cancellation, ImageBuildOptions& options) {
  NOPO_RETURN_IF_ERROR(CheckBuilder(settings, events));
  NOPO_ASSIGN_OR_RETURN(
      options.caches,
      ChooseCaches(
          request, [&](absl::string_view name) { return settings.Find(name); }, events));
  options.platforms =
      absl::StrSplit(settings.Find("DOCKER_PLATFORMS"), absl::ByAnyChar(", "), absl::SkipEmpty());
  if (!NeedsManifests(options.caches) && options.platforms.size() < 2) return absl::OkStatus();
  NOPO_ASSIGN_OR_RETURN(const BuildkitCapabilities capabilities,
                        session.buildkit.Capabilities(cancellation));
  NOPO_ASSIGN_OR_RETURN(options.caches, CheckCaches(options.caches, capabilities, events));
  if (options.platforms.size() < 2 || capabilities.has_manifests) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
                   absl::StrCat("DOCKER_PLATFORMS=", settings.Find("DOCKER_PLATFORMS"),
                                ": the engine's image store keeps an image for one platform only"),
                   {"Turn on the engine's containerd image store, or name one platform."});
}

}  // namespace nopo
