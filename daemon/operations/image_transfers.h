// Images between the engine and registries, with the caller's logins.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "daemon/docker/registry_logins.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/engine_session.h"

namespace nopo {

// Made for one request; thread-safe. Each layer under way is a step of the task that asks.
//
// Errors of both: those of RegistryLogins::Find and DockerEngine::PullImage, with the image named
// before them.
class ImageTransfers {
 public:
  // What is given must outlive this; `session` may be null when nothing is going to be moved.
  ImageTransfers(EngineSession* session, RegistryLogins& logins)
      : session_(session), logins_(logins) {}

  // Brings `image` up to what its registry has, once per request however many tasks ask; the
  // digest of its manifest.
  absl::StatusOr<std::string> Pull(const std::string& task, const std::string& image,
                                   EventSink& events, const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The same, but only if the engine has no image of that name.
  absl::Status PullIfMissing(const std::string& task, const std::string& image, EventSink& events,
                             const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  // The digest of the manifest.
  absl::StatusOr<std::string> Push(const std::string& task, const std::string& image,
                                   EventSink& events, const Cancellation& cancellation);

 private:
  // The caller's login for the registry of `image`, as the engine takes it.
  absl::StatusOr<std::string> AuthFor(const std::string& image, const Cancellation& cancellation);
  absl::StatusOr<std::string> PullNow(const std::string& task, const std::string& image,
                                      EventSink& events, const Cancellation& cancellation);

  EngineSession* const session_;
  RegistryLogins& logins_;
  const absl::Time start_ = absl::Now();
  Mutex mutex_;
  CondVar changed_;
  std::set<std::string> under_way_ ABSL_GUARDED_BY(mutex_);            // Pulls.
  std::map<std::string, std::string> pulled_ ABSL_GUARDED_BY(mutex_);  // Digests by image.
};

}  // namespace nopo
