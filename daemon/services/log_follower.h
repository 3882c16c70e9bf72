// Follows the logs of several containers at once. Used by service_logs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/cancellation.h"
#include "common/mutex.h"
#include "daemon/docker/docker_engine.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/events/event_sink.h"
#include "daemon/services/service_logs.h"

namespace nopo {

// Hands output to `events` (which must outlive it) as TaskOutput of `task`.
OutputHandler LogOutput(std::string task, EventSink& events);

// Good for one Run. What it is given must outlive it.
class LogFollower {
 public:
  LogFollower(DockerEngine& engine, LogSources sources, LogOptions options, EventSink& events,
              const Cancellation& cancellation);
  // Stops following and joins the threads.
  ~LogFollower();

  // See FollowLogs.
  absl::Status Run(EngineMirror& mirror);

 private:
  // Listens for starts on a thread of its own; returns once the engine has answered.
  absl::Status WatchStarts(absl::Time since) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEngineEvent(const EngineEvent& event) ABSL_LOCKS_EXCLUDED(mutex_);
  void Join(const Container& container, absl::Time listed_at) ABSL_LOCKS_EXCLUDED(mutex_);
  // Follows a container from `since` on: now, or once the log that is being read has ended.
  void FollowLocked(const std::string& id, const std::string& name, absl::Time since)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadUntilDone(const std::string& id, const std::string& name, absl::Time since)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadOnce(const std::string& id, const std::string& name, absl::Time since);
  // The start to read from next; nullopt ends the container's thread.
  std::optional<absl::Time> TakeNextStart(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WaitForEnd() ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsWanted(const EngineEvent& event) const;

  struct Followed {
    absl::Time known_until;  // Starts up to then are shown already.
    bool reading = false;
    std::optional<absl::Time> next_start;  // Reported while the log before it was being read.
    std::thread reader;
  };

  DockerEngine& engine_;
  const LogSources sources_;
  const LogOptions options_;
  EventSink& events_;
  Cancellation stop_;  // Fires with the caller's, and at the end.

  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Followed> followed_ ABSL_GUARDED_BY(mutex_);  // By container id.
  int reading_ ABSL_GUARDED_BY(mutex_) = 0;
  bool any_ran_ ABSL_GUARDED_BY(mutex_) = false;
  bool subscribed_ ABSL_GUARDED_BY(mutex_) = false;
  bool watch_ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status watch_status_ ABSL_GUARDED_BY(mutex_);
  std::thread watcher_;
};

}  // namespace nopo
