#include "daemon/docker/engine_mirror.h"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "daemon/docker/engine_changes.h"
#include "daemon/docker/engine_picture.h"
#include "daemon/docker/image_lookup.h"

namespace nopo {
namespace {

// How far back to ask for events on connecting: the engine sends the head of its answer before it
// subscribes us, and what it logs in between must come from its memory.
constexpr absl::Duration kSubscribeMargin = absl::Seconds(1);
// The engine stamps an event before it queues it, so neighbours may change places.
constexpr absl::Duration kEventDisorder = absl::Milliseconds(50);
// Reading past events takes that long only when the engine's clock is behind ours and it waits for
// the end of the period we asked for.
constexpr absl::Duration kHistoryPatience = absl::Seconds(1);

std::optional<Container> FindContainer(const EngineSnapshot& snapshot, absl::string_view id) {
  for (const Container& container : snapshot.containers) {
    if (container.id == id) return container;
  }
  return std::nullopt;
}

// One go at bringing the picture up to date.
struct Pass {
  int64_t number = 0;
  EngineChanges changes;
  bool demanded = false;  // By a caller; else an event alone set it off.
  bool reads_history = false;
  absl::Time since, until;  // What part of the history.
  size_t events = 0;        // Found in it.
};

// "replayed 2 events: 1 container, images"
std::string PassText(const Pass& pass) {
  const EngineChanges& changes = pass.changes;
  if (changes.everything) return "listed everything";
  std::string text = pass.reads_history ? absl::StrCat("replayed ", pass.events, " past events")
                                        : "followed the live events alone";
  std::vector<std::string> asked;
  const size_t containers = changes.containers.size() + changes.network_members.size();
  if (containers > 0) asked.push_back(absl::StrCat(containers, " containers"));
  if (changes.networks_and_volumes) asked.push_back("networks and volumes");
  if (asked.empty()) return absl::StrCat(text, ", nothing to look at again");
  return absl::StrCat(text, ", looked again at ", absl::StrJoin(asked, ", "));
}

}  // namespace

// Two threads and their callers meet here. A caller demands a pass that begins after its call, and
// waits for that one; passes run one after the other, so demands that come together share one.
class EngineMirror::State {
 public:
  explicit State(DockerEngine& engine)
      : engine_(engine),
        picture_(engine),
        lookup_(engine),
        follower_([this] { Follow(); }),
        inspector_([this] { Inspect(); }) {}
  ~State();

  // Puts into `story`, unless null, what it took; leaves it alone when it took nothing.
  absl::StatusOr<std::shared_ptr<const EngineSnapshot>> Snapshot(const Cancellation& cancellation,
                                                                 const SnapshotWish& wish,
                                                                 std::string* story)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::string> ImageId(const std::string& reference, absl::Duration max_age,
                                      const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WaitFor(absl::string_view container_id, absl::Time deadline,
                       const std::function<bool(const std::optional<Container>&)>& done,
                       const Cancellation& cancellation) ABSL_LOCKS_EXCLUDED(mutex_);
  void Invalidate(const EngineChanges& changes) ABSL_LOCKS_EXCLUDED(mutex_);
  void InvalidateImages() { lookup_.Forget(); }
  bool connected() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status last_error() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // The follower's thread.
  void Follow();
  bool BeginAttempt() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnSubscribed() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEvent(const EngineEvent& event) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndAttempt(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  // The inspector's thread.
  void Inspect();
  std::optional<Pass> NextPass() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWorkLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RunPass(Pass& pass) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status AddHistory(Pass& pass) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndPass(Pass pass, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // True when the snapshot was proven at `oldest` or later and nothing has been heard since. A pass
  // that only looks whether something has changed is no news.
  bool IsRecentLocked(absl::Time oldest) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Callers.
  absl::StatusOr<std::shared_ptr<const EngineSnapshot>> AwaitSnapshot(
      const Cancellation& cancellation, absl::Duration max_age, std::string* story)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // True on an engine whose events do not tell of all images.
  bool AsksForImages() const ABSL_LOCKS_EXCLUDED(mutex_);
  // From when on what was asked about an image will do. Where events tell of all images, what was
  // asked before they told of one is still so.
  absl::Time OldestImage(absl::Duration max_age) const ABSL_LOCKS_EXCLUDED(mutex_);
  Cancellation::Registration WakeOn(const Cancellation& cancellation);
  absl::Status AwaitConnectionLocked(const Cancellation& cancellation)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // For a demanded pass that began at `oldest` or later.
  absl::Status AwaitPassLocked(const Cancellation& cancellation, absl::Time oldest)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits until there is a snapshot other than `*snapshot` and puts it there, or until the engine
  // is lost: null then.
  absl::Status AwaitNews(absl::Time deadline, const Cancellation& cancellation,
                         std::shared_ptr<const EngineSnapshot>& snapshot)
      ABSL_LOCKS_EXCLUDED(mutex_);

  DockerEngine& engine_;
  Cancellation stop_;
  EnginePicture picture_;  // The inspector's own.
  ImageLookup lookup_;

  mutable Mutex mutex_;
  CondVar work_;  // For the two threads: something to do.
  CondVar news_;  // For callers: a pass or an attempt ended.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  // Attempts to connect are numbered from 1; one that succeeds is done when the engine is lost.
  int64_t attempts_wanted_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t attempts_begun_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t attempts_done_ ABSL_GUARDED_BY(mutex_) = 0;

  EngineChanges changes_ ABSL_GUARDED_BY(mutex_);  // Not yet looked at.
  int64_t passes_wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t passes_begun_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t passes_done_ ABSL_GUARDED_BY(mutex_) = 0;
  bool news_under_way_ ABSL_GUARDED_BY(mutex_) = false;  // A pass looks at what has been heard of.
  absl::Time look_begun_ ABSL_GUARDED_BY(mutex_);        // Of a pass under way that was demanded.
  Pass last_pass_ ABSL_GUARDED_BY(mutex_);
  absl::Status pass_status_ ABSL_GUARDED_BY(mutex_);  // Of the last one.
  std::shared_ptr<const EngineSnapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  bool asks_for_images_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Time proven_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // The snapshot.
  absl::Time newest_event_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time history_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // Known up to here.
  bool history_usable_ ABSL_GUARDED_BY(mutex_) = true;
  Cancellation* history_read_ ABSL_GUARDED_BY(mutex_) = nullptr;  // Of the read under way.

  // Last: they use all of the above.
  std::thread follower_;
  std::thread inspector_;
};

EngineMirror::State::~State() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    work_.NotifyAll();
  }
  stop_.Cancel();
  follower_.join();
  inspector_.join();
}

void EngineMirror::State::Follow() {
  while (BeginAttempt()) {
    EndAttempt(engine_.StreamEvents(
        absl::Now() - kSubscribeMargin, [this] { OnSubscribed(); },
        [this](const EngineEvent& event) { OnEvent(event); }, stop_));
  }
}

bool EngineMirror::State::BeginAttempt() {
  MutexLock lock(mutex_);
  while (!stopping_ && attempts_wanted_ <= attempts_begun_) work_.Wait(mutex_);
  ++attempts_begun_;
  return !stopping_;
}

void EngineMirror::State::OnSubscribed() {
  lookup_.Forget();
  MutexLock lock(mutex_);
  connected_ = true;
  last_error_ = absl::OkStatus();
  pass_status_ = absl::OkStatus();
  changes_.everything = true;
  proven_at_ = newest_event_ = history_until_ = absl::InfinitePast();
  history_usable_ = true;
  work_.NotifyAll();
  news_.NotifyAll();
}

void EngineMirror::State::OnEvent(const EngineEvent& event) {
  lookup_.Note(event);
  MutexLock lock(mutex_);
  newest_event_ = std::max(newest_event_, absl::FromUnixNanos(event.time_ns));
  changes_.Note(event);
  if (HasWorkLocked()) work_.NotifyAll();
}

void EngineMirror::State::EndAttempt(const absl::Status& status) {
  MutexLock lock(mutex_);
  connected_ = false;
  last_error_ = status;
  attempts_done_ = attempts_begun_;
  news_.NotifyAll();
}

void EngineMirror::State::Inspect() {
  while (std::optional<Pass> pass = NextPass()) {
    const absl::Status status = RunPass(*pass);
    EndPass(*std::move(pass), status);
  }
}

bool EngineMirror::State::HasWorkLocked() const {
  if (!connected_) return false;
  // After a failure events alone would only repeat it; a caller may try again.
  return passes_wanted_ > passes_begun_ || (changes_.ConcernContainers() && pass_status_.ok());
}

std::optional<Pass> EngineMirror::State::NextPass() {
  MutexLock lock(mutex_);
  while (!stopping_ && !HasWorkLocked()) work_.Wait(mutex_);
  if (stopping_) return std::nullopt;
  // Networks and volumes change often while one builds and wait for somebody to ask.
  Pass pass;
  pass.demanded = passes_wanted_ > passes_begun_;
  pass.number = ++passes_begun_;
  pass.changes = pass.demanded ? std::exchange(changes_, {}) : changes_.TakeContainers();
  pass.until = absl::Now();
  pass.since = std::min(std::max(newest_event_, history_until_), pass.until) - kEventDisorder;
  news_under_way_ = !pass.changes.empty();
  look_begun_ = pass.demanded ? pass.until : absl::InfinitePast();
  pass.reads_history = pass.demanded && !pass.changes.everything && history_usable_;
  if (pass.reads_history || pass.changes.everything) history_until_ = pass.until;
  return pass;
}

absl::Status EngineMirror::State::RunPass(Pass& pass) {
  if (pass.reads_history) NOPO_RETURN_IF_ERROR(AddHistory(pass));
  return picture_.Refresh(pass.changes, stop_);
}

absl::Status EngineMirror::State::AddHistory(Pass& pass) {
  Cancellation read(stop_);
  {
    MutexLock lock(mutex_);
    history_read_ = &read;
  }
  const absl::StatusOr<std::vector<EngineEvent>> events =
      engine_.PastEvents(pass.since, pass.until, read);
  MutexLock lock(mutex_);
  history_read_ = nullptr;
  if (absl::IsUnavailable(events.status())) return events.status();
  if (!events.ok()) {
    history_usable_ = false;  // The live stream has to do.
    return absl::OkStatus();
  }
  pass.events = events->size();
  for (const EngineEvent& event : *events) {
    pass.changes.Note(event);
    lookup_.Note(event);
  }
  return absl::OkStatus();
}

void EngineMirror::State::EndPass(Pass pass, const absl::Status& status) {
  std::shared_ptr<const EngineSnapshot> snapshot = status.ok() ? picture_.Snapshot() : nullptr;
  MutexLock lock(mutex_);
  passes_done_ = pass.number;
  news_under_way_ = false;
  pass_status_ = status;
  if (status.ok()) {
    snapshot_ = std::move(snapshot);
    asks_for_images_ = !picture_.image_events_suffice();
    if (pass.demanded) proven_at_ = pass.until;
  } else {
    changes_.everything = true;
  }
  last_pass_ = std::move(pass);
  news_.NotifyAll();
}

Cancellation::Registration EngineMirror::State::WakeOn(const Cancellation& cancellation) {
  return cancellation.OnCancel([this] {
    MutexLock lock(mutex_);
    news_.NotifyAll();
  });
}

bool EngineMirror::State::IsRecentLocked(absl::Time oldest) const {
  const bool nothing_new = changes_.empty() && !news_under_way_;
  return connected_ && pass_status_.ok() && nothing_new && proven_at_ >= oldest;
}

absl::StatusOr<std::shared_ptr<const EngineSnapshot>> EngineMirror::State::Snapshot(
    const Cancellation& cancellation, const SnapshotWish& wish, std::string* story) {
  NOPO_ASSIGN_OR_RETURN(std::shared_ptr<const EngineSnapshot> snapshot,
                        AwaitSnapshot(cancellation, wish.max_age, story));
  if (wish.images.empty()) return snapshot;
  auto with_images = std::make_shared<EngineSnapshot>(*snapshot);
  NOPO_ASSIGN_OR_RETURN(with_images->image_ids,
                        lookup_.Find(wish.images, OldestImage(wish.max_age), cancellation));
  return with_images;
}

absl::StatusOr<std::string> EngineMirror::State::ImageId(const std::string& reference,
                                                         absl::Duration max_age,
                                                         const Cancellation& cancellation) {
  // Brings the events that tell of images, where they do.
  if (!AsksForImages()) {
    NOPO_RETURN_IF_ERROR(AwaitSnapshot(cancellation, max_age, nullptr).status());
  }
  NOPO_ASSIGN_OR_RETURN(const auto ids,
                        lookup_.Find({reference}, OldestImage(max_age), cancellation));
  return ids.empty() ? "" : ids.begin()->second;
}

absl::Time EngineMirror::State::OldestImage(absl::Duration max_age) const {
  return AsksForImages() ? absl::Now() - max_age : absl::InfinitePast();
}

bool EngineMirror::State::AsksForImages() const {
  MutexLock lock(mutex_);
  return asks_for_images_;
}

absl::StatusOr<std::shared_ptr<const EngineSnapshot>> EngineMirror::State::AwaitSnapshot(
    const Cancellation& cancellation, absl::Duration max_age, std::string* story) {
  const Cancellation::Registration wake = WakeOn(cancellation);
  MutexLock lock(mutex_);
  if (max_age > absl::ZeroDuration() && IsRecentLocked(absl::Now() - max_age)) return snapshot_;
  NOPO_RETURN_IF_ERROR(AwaitConnectionLocked(cancellation));
  const absl::Time oldest = absl::Now() - max_age;
  absl::Status status = AwaitPassLocked(cancellation, oldest);
  if (!status.ok() && !connected_ && !cancellation.IsCancelled()) {
    // It was lost meanwhile, or we had not noticed yet: it may be back already.
    NOPO_RETURN_IF_ERROR(AwaitConnectionLocked(cancellation));
    status = AwaitPassLocked(cancellation, oldest);
  }
  if (!status.ok()) return status;
  // Passes that others demanded meanwhile may have come after ours; they are as good.
  if (story != nullptr) *story = PassText(last_pass_);
  return snapshot_;
}

absl::Status EngineMirror::State::AwaitConnectionLocked(const Cancellation& cancellation) {
  const int64_t wanted = attempts_begun_ + 1;
  while (!connected_) {
    NOPO_RETURN_IF_ERROR(cancellation.Check());
    if (attempts_done_ >= wanted) return last_error_;
    if (attempts_wanted_ < wanted) {
      attempts_wanted_ = wanted;
      work_.NotifyAll();
    }
    news_.Wait(mutex_);
  }
  return absl::OkStatus();
}

absl::Status EngineMirror::State::AwaitPassLocked(const Cancellation& cancellation,
                                                  absl::Time oldest) {
  // What was heard after it began it may have missed.
  const bool is_under_way =
      passes_done_ < passes_begun_ && look_begun_ >= oldest && changes_.empty();
  const int64_t wanted = passes_begun_ + (is_under_way ? 0 : 1);
  passes_wanted_ = std::max(passes_wanted_, wanted);
  work_.NotifyAll();
  absl::Time patience = absl::Now() + kHistoryPatience;
  while (passes_done_ < wanted) {
    if (!connected_) return last_error_;
    NOPO_RETURN_IF_ERROR(cancellation.Check());
    if (news_.WaitUntil(mutex_, patience)) continue;
    patience = absl::InfiniteFuture();
    if (history_read_ != nullptr) history_read_->Cancel();
  }
  return pass_status_;
}

absl::Status EngineMirror::State::AwaitNews(absl::Time deadline, const Cancellation& cancellation,
                                            std::shared_ptr<const EngineSnapshot>& snapshot) {
  const Cancellation::Registration wake = WakeOn(cancellation);
  MutexLock lock(mutex_);
  while (connected_ && snapshot_ == snapshot) {
    NOPO_RETURN_IF_ERROR(cancellation.Check());
    if (!news_.WaitUntil(mutex_, deadline) && snapshot_ == snapshot) {
      return absl::DeadlineExceededError("the container did not get there in time");
    }
  }
  snapshot = connected_ ? snapshot_ : nullptr;
  return absl::OkStatus();
}

absl::Status EngineMirror::State::WaitFor(
    absl::string_view container_id, absl::Time deadline,
    const std::function<bool(const std::optional<Container>&)>& done,
    const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(std::shared_ptr<const EngineSnapshot> snapshot,
                        AwaitSnapshot(cancellation, absl::ZeroDuration(), nullptr));
  while (!done(FindContainer(*snapshot, container_id))) {
    NOPO_RETURN_IF_ERROR(AwaitNews(deadline, cancellation, snapshot));
    if (snapshot != nullptr) continue;
    NOPO_ASSIGN_OR_RETURN(snapshot, AwaitSnapshot(cancellation, absl::ZeroDuration(), nullptr));
  }
  return absl::OkStatus();
}

void EngineMirror::State::Invalidate(const EngineChanges& changes) {
  MutexLock lock(mutex_);
  changes_.Add(changes);
  if (HasWorkLocked()) work_.NotifyAll();
}

bool EngineMirror::State::connected() const {
  MutexLock lock(mutex_);
  return connected_;
}

absl::Status EngineMirror::State::last_error() const {
  MutexLock lock(mutex_);
  return last_error_;
}

absl::Duration AgeInOperation(absl::Time start) {
  return std::min(kSameOperation, absl::Now() - start);
}

EngineMirror::EngineMirror(DockerEngine& engine) : state_(std::make_unique<State>(engine)) {}
EngineMirror::~EngineMirror() = default;

absl::StatusOr<std::shared_ptr<const EngineSnapshot>> EngineMirror::Snapshot(
    const Cancellation& cancellation, const SnapshotWish& wish, DebugLog& log) {
  const bool is_told = log.debug_areas().Has(DebugArea::kCache);
  std::string story = "proven a moment ago";
  auto snapshot = state_->Snapshot(cancellation, wish, is_told ? &story : nullptr);
  log.Debug(DebugArea::kCache, [&] {
    return absl::StrCat("engine mirror: ",
                        snapshot.ok() ? story : std::string(snapshot.status().message()));
  });
  return snapshot;
}

absl::StatusOr<std::string> EngineMirror::ImageId(const std::string& reference,
                                                  absl::Duration max_age,
                                                  const Cancellation& cancellation) {
  return state_->ImageId(reference, max_age, cancellation);
}

absl::Status EngineMirror::WaitFor(absl::string_view container_id, absl::Time deadline,
                                   const std::function<bool(const std::optional<Container>&)>& done,
                                   const Cancellation& cancellation) {
  return state_->WaitFor(container_id, deadline, done, cancellation);
}

void EngineMirror::Invalidate(absl::string_view container_id) {
  state_->Invalidate({.containers = {std::string(container_id)}});
}

void EngineMirror::InvalidateImages() { state_->InvalidateImages(); }

void EngineMirror::InvalidateNetworksAndVolumes() {
  state_->Invalidate({.networks_and_volumes = true});
}

bool EngineMirror::connected() const { return state_->connected(); }
absl::Status EngineMirror::last_error() const { return state_->last_error(); }

}  // namespace nopo
