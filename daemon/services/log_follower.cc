#include "daemon/services/log_follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"

namespace nopo {
namespace {

// How long a follower of stopped containers waits for the next start: a restart or a replacement
// takes about a second.
constexpr absl::Duration kLinger = absl::Seconds(2);
// Covers what happens between our look at the clock and the engine's subscription.
constexpr absl::Duration kEventOverlap = absl::Seconds(1);

std::string Attribute(const EngineEvent& event, const char* key) {
  return LabelOf(event.attributes, key);
}

}  // namespace

OutputHandler LogOutput(std::string task, EventSink& events) {
  return [task = std::move(task), &events](ContainerStream stream, absl::string_view data) {
    events.Report(TaskOutput{.task = task,
                             .stream = stream == ContainerStream::kStderr
                                           ? TaskOutput::Stream::kStderr
                                           : TaskOutput::Stream::kStdout,
                             .data = std::string(data)});
  };
}

LogFollower::LogFollower(DockerEngine& engine, LogSources sources, LogOptions options,
                         EventSink& events, const Cancellation& cancellation)
    : engine_(engine),
      sources_(std::move(sources)),
      options_(options),
      events_(events),
      stop_(cancellation) {}

LogFollower::~LogFollower() {
  stop_.Cancel();
  // The watcher goes first: it is what adds readers.
  if (watcher_.joinable()) watcher_.join();
  std::vector<std::thread> readers;
  {
    MutexLock lock(mutex_);
    for (auto& [id, followed] : followed_) readers.push_back(std::move(followed.reader));
  }
  for (std::thread& reader : readers) {
    if (reader.joinable()) reader.join();
  }
}

absl::Status LogFollower::Run(EngineMirror& mirror) {
  NOPO_RETURN_IF_ERROR(WatchStarts(absl::Now() - kEventOverlap));
  const absl::Time listed_at = absl::Now();
  absl::StatusOr<std::shared_ptr<const EngineSnapshot>> snapshot = mirror.Snapshot(stop_);
  if (stop_.IsCancelled()) return absl::OkStatus();
  NOPO_RETURN_IF_ERROR(snapshot.status());
  for (const Container& container : LoggedContainers(**snapshot, sources_)) {
    Join(container, listed_at);
  }
  return WaitForEnd();
}

void LogFollower::Join(const Container& container, absl::Time listed_at) {
  const bool runs = container.state == ContainerState::kRunning;
  MutexLock lock(mutex_);
  const auto [entry, is_new] = followed_.try_emplace(container.id);
  if (!is_new) return;
  // One that did not run when it was listed may have been started since.
  entry->second.known_until = runs ? absl::Now() : listed_at;
  any_ran_ = any_ran_ || runs;
  FollowLocked(container.id, container.name, options_.since);
}

absl::Status LogFollower::WatchStarts(absl::Time since) {
  watcher_ = std::thread([this, since] {
    absl::Status status = engine_.StreamEvents(
        since,
        [this] {
          MutexLock lock(mutex_);
          subscribed_ = true;
          changed_.NotifyAll();
        },
        [this](const EngineEvent& event) { OnEngineEvent(event); }, stop_);
    MutexLock lock(mutex_);
    watch_ended_ = true;
    watch_status_ = std::move(status);
    changed_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (!subscribed_ && !watch_ended_) changed_.Wait(mutex_);
  return subscribed_ || stop_.IsCancelled() ? absl::OkStatus() : watch_status_;
}

bool LogFollower::IsWanted(const EngineEvent& event) const {
  if (event.type != "container" || event.action != "start") return false;
  if (Attribute(event, kLabelProject) != sources_.project) return false;
  if (sources_.other_directories.contains(Attribute(event, kLabelWorkingDir))) return false;
  if (Attribute(event, kLabelOneOff) == "True") return false;
  const std::string service = Attribute(event, kLabelService);
  const std::vector<std::string>& services = sources_.services;
  return services.empty() || std::find(services.begin(), services.end(), service) != services.end();
}

void LogFollower::OnEngineEvent(const EngineEvent& event) {
  if (!IsWanted(event)) return;
  const absl::Time started = absl::FromUnixNanos(event.time_ns);
  MutexLock lock(mutex_);
  const auto [entry, is_new] = followed_.try_emplace(event.actor_id);
  if (!is_new && started <= entry->second.known_until) return;
  entry->second.known_until = started;
  any_ran_ = true;
  FollowLocked(event.actor_id, Attribute(event, "name"), is_new ? options_.since : started);
}

void LogFollower::FollowLocked(const std::string& id, const std::string& name, absl::Time since) {
  Followed& followed = followed_[id];
  if (stop_.IsCancelled()) return;
  if (followed.reading) {
    followed.next_start = since;
    return;
  }
  // It has nothing left to do but to return.
  if (followed.reader.joinable()) followed.reader.join();
  followed.reading = true;
  ++reading_;
  followed.reader = std::thread([this, id, name, since] { ReadUntilDone(id, name, since); });
}

void LogFollower::ReadUntilDone(const std::string& id, const std::string& name, absl::Time since) {
  for (std::optional<absl::Time> start = since; start; start = TakeNextStart(id)) {
    ReadOnce(id, name, *start);
  }
}

std::optional<absl::Time> LogFollower::TakeNextStart(const std::string& id) {
  MutexLock lock(mutex_);
  Followed& followed = followed_[id];
  if (followed.next_start && !stop_.IsCancelled()) {
    return std::exchange(followed.next_start, std::nullopt);
  }
  followed.reading = false;
  --reading_;
  changed_.NotifyAll();
  return std::nullopt;
}

void LogFollower::ReadOnce(const std::string& id, const std::string& name, absl::Time since) {
  LogOptions options = options_;
  options.since = since;
  // What a container printed since it was started anew has not been shown yet: no tail.
  if (since != options_.since) options.tail = -1;
  const absl::Status read =
      engine_.ReadLogs(id, options, LogOutput(LogName(sources_.project, name), events_), stop_);
  if (read.ok() || absl::IsNotFound(read) || stop_.IsCancelled()) return;
  events_.Warning(absl::StrCat(name, ": ", read.message()));
}

absl::Status LogFollower::WaitForEnd() {
  const Cancellation::Registration woken = stop_.OnCancel([this] {
    MutexLock lock(mutex_);
    changed_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (!stop_.IsCancelled()) {
    if (reading_ > 0) {
      changed_.Wait(mutex_);
      continue;
    }
    if (!any_ran_ || watch_ended_) return watch_ended_ ? watch_status_ : absl::OkStatus();
    const absl::Time give_up = absl::Now() + kLinger;
    while (reading_ == 0 && !stop_.IsCancelled()) {
      if (!changed_.WaitUntil(mutex_, give_up) && reading_ == 0) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

}  // namespace nopo
