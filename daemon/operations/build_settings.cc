#include "daemon/operations/build_settings.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/operations/buildx_builder.h"

namespace nopo {
namespace {

constexpr absl::string_view kContainerScheme = "docker-container://";

// The builder that DOCKER_BUILDER names; one that cannot be used is told of, and is the engine's
// own.
absl::StatusOr<BuildxBuilder> BuilderOf(const Settings& settings, EventSink& events) {
  const std::string name = settings.Find("DOCKER_BUILDER");
  if (name.empty()) return BuildxBuilder();
  NOPO_ASSIGN_OR_RETURN(
      BuildxBuilder builder,
      FindBuildxBuilder(name, [&](absl::string_view variable) { return settings.Find(variable); }));
  if (!builder.why_not.empty()) {
    events.Warning(
        absl::StrCat("DOCKER_BUILDER=", name, " is not used: ", builder.why_not,
                     ". nopo builds with the engine's own BuildKit, at BUILDKIT_HOST, or with a "
                     "builder of the drivers 'remote' and 'docker-container'"));
  }
  return builder;
}

absl::StatusOr<BuildkitClient*> InContainer(EngineSessions& engines, EngineSession* session,
                                            const std::string& container) {
  if (session != nullptr) return engines.BuildkitIn(*session, container);
  return MakeError(absl::StatusCode::kUnavailable, Reason::kEngineUnavailable,
                   absl::StrCat("without an engine there is no container ", container));
}

// An image of several platforms needs somebody who keeps it: a registry, or a store of manifests.
absl::Status CheckPlatforms(const ImageSettings& build, const BuildkitCapabilities& capabilities) {
  const std::vector<std::string>& platforms = build.options.platforms;
  if (platforms.size() < 2 || build.options.push) return absl::OkStatus();
  if (build.elsewhere == nullptr && capabilities.has_manifests) return absl::OkStatus();
  const bool elsewhere = build.elsewhere != nullptr;
  return MakeError(
      absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
      absl::StrCat("DOCKER_PLATFORMS=", absl::StrJoin(platforms, ","), ": ",
                   elsewhere ? "the BuildKit at BUILDKIT_HOST can hand the engine an image for one "
                               "platform only"
                             : "the engine's image store keeps an image for one platform only"),
      {elsewhere ? "Add --push: a registry keeps images of several platforms. Or name one platform."
                 : "Turn on the engine's containerd image store, or name one platform."});
}

bool NeedsManifests(const CacheSettings& caches) {
  const auto is_beside_images = [](const CacheEntry& entry) { return entry.type != "inline"; };
  const auto is_github = [](const CacheEntry& entry) { return entry.type == "gha"; };
  return std::any_of(caches.to.begin(), caches.to.end(), is_beside_images) ||
         std::any_of(caches.from.begin(), caches.from.end(), is_github);
}

}  // namespace

absl::StatusOr<BuildkitClient*> FindBuildkitElsewhere(const Settings& settings,
                                                      EngineSessions& engines,
                                                      EngineSession* session, EventSink& events) {
  const std::string host = settings.Find("BUILDKIT_HOST");
  absl::string_view container = host;
  if (absl::ConsumePrefix(&container, kContainerScheme) && !container.empty()) {
    return InContainer(engines, session, std::string(container));
  }
  if (!host.empty()) {
    NOPO_ASSIGN_OR_RETURN(
        const BuildkitAddress address,
        ParseBuildkitHost(host, [&](absl::string_view name) { return settings.Find(name); }));
    return engines.BuildkitAt(address);
  }
  NOPO_ASSIGN_OR_RETURN(const BuildxBuilder builder, BuilderOf(settings, events));
  if (!builder.container.empty()) return InContainer(engines, session, builder.container);
  return builder.address.has_value() ? engines.BuildkitAt(*builder.address) : nullptr;
}

absl::Status ReadBuildSettings(const Settings& settings, const CacheRequest& request,
                               EngineSessions& engines, EngineSession& session, EventSink& events,
                               const Cancellation& cancellation, ImageSettings& build) {
  ImageBuildOptions& options = build.options;
  NOPO_ASSIGN_OR_RETURN(build.elsewhere,
                        FindBuildkitElsewhere(settings, engines, &session, events));
  // What is pushed goes there straight from a BuildKit elsewhere, from the engine otherwise.
  options.push = options.push && build.elsewhere != nullptr;
  NOPO_ASSIGN_OR_RETURN(
      options.caches,
      ChooseCaches(
          request, [&](absl::string_view name) { return settings.Find(name); }, events));
  options.platforms =
      absl::StrSplit(settings.Find("DOCKER_PLATFORMS"), absl::ByAnyChar(", "), absl::SkipEmpty());
  if (!NeedsManifests(options.caches) && options.platforms.size() < 2) return absl::OkStatus();
  BuildkitClient& buildkit = build.elsewhere == nullptr ? session.buildkit : *build.elsewhere;
  NOPO_ASSIGN_OR_RETURN(const BuildkitCapabilities capabilities,
                        buildkit.Capabilities(cancellation));
  NOPO_ASSIGN_OR_RETURN(options.caches, CheckCaches(options.caches, capabilities, events));
  return CheckPlatforms(build, capabilities);
}

}  // namespace nopo
