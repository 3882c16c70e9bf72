#include "daemon/build/cache_choice.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr char kGithub[] = "gha";

CacheSettings GithubCaches() {
  return {.from = {{.type = kGithub}}, .to = {{.type = kGithub, .attrs = {{"mode", "max"}}}}};
}

void RemoveGithub(CacheSettings& settings) {
  const auto is_github = [](const CacheEntry& entry) { return entry.type == kGithub; };
  std::erase_if(settings.from, is_github);
  std::erase_if(settings.to, is_github);
}

// True when there is one and all of them can reach the service.
bool CompleteGithub(const std::function<std::string(absl::string_view)>& variable,
                    std::vector<CacheEntry>& entries) {
  bool complete = true;
  for (CacheEntry& entry : entries) {
    if (entry.type != kGithub) continue;
    AddGithubToken(variable, entry);
    complete = complete && HasGithubToken(entry);
  }
  return complete;
}

}  // namespace

absl::StatusOr<CacheSettings> ChooseCaches(
    const CacheRequest& request, const std::function<std::string(absl::string_view)>& variable,
    EventSink& events) {
  const auto choose = [&](const std::vector<std::string>& given, const char* option,
                          const char* name) {
    return given.empty() ? ParseCacheEntries(variable(name), name)
                         : ParseCacheEntries(absl::StrJoin(given, ";"), option);
  };
  CacheSettings settings;
  NOPO_ASSIGN_OR_RETURN(settings.from,
                        choose(request.from, "--cache-from", "DOCKER_BUILDKIT_CACHE"));
  NOPO_ASSIGN_OR_RETURN(settings.to, choose(request.to, "--cache-to", "DOCKER_BUILDKIT_CACHE_TO"));
  if (settings.empty() && variable("GITHUB_ACTIONS") == "true") settings = GithubCaches();
  const bool from_complete = CompleteGithub(variable, settings.from);
  const bool to_complete = CompleteGithub(variable, settings.to);
  if (from_complete && to_complete) return settings;
  events.Warning(
      "GitHub's cache is not used: the step has no ACTIONS_RUNTIME_TOKEN with ACTIONS_CACHE_URL or "
      "ACTIONS_RESULTS_URL; an action has to pass them on to it");
  RemoveGithub(settings);
  return settings;
}

absl::StatusOr<CacheSettings> CheckCaches(CacheSettings settings,
                                          const BuildkitCapabilities& capabilities,
                                          EventSink& events) {
  if (capabilities.has_manifests) return settings;
  const size_t wanted = settings.from.size() + settings.to.size();
  RemoveGithub(settings);
  if (settings.from.size() + settings.to.size() < wanted) {
    events.Warning(
        "GitHub's cache is not used: it takes an engine with the containerd image store");
  }
  for (const CacheEntry& entry : settings.to) {
    if (entry.type == "inline") continue;
    return MakeError(
        absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
        absl::StrCat("the engine's BuildKit cannot export a cache of type ", entry.type),
        {"Turn on the engine's containerd image store (Docker 24 or newer: \"features\": "
         "{\"containerd-snapshotter\": true} in daemon.json), build at a BUILDKIT_HOST, or use "
         "type=inline, which puts the cache into the image."});
  }
  return settings;
}

}  // namespace nopo
