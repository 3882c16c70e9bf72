#include "cli/progress/trace_json.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/progress/json_string.h"

namespace nopo {
namespace {

constexpr int kCliProcess = 1;
constexpr int kDaemonProcess = 2;
constexpr int kPhaseTrack = 1;
constexpr int kFirstTaskTrack = 100;
constexpr int kTracksPerLane = 100;  // One for the tasks, the others for steps that overlap.

// Puts spans that come in the order of their starts onto tracks, on each of which a span ends
// before the next begins or lies inside the one before.
class TrackPacker {
 public:
  // The first of at most `limit` tracks with room for `span`; the last when none has.
  size_t Add(const TimedSpan& span, size_t limit) {
    size_t track = 0;
    while (track + 1 < limit && track < open_.size() && !HasRoom(open_[track], span)) ++track;
    if (track == open_.size()) open_.emplace_back();
    open_[track].push_back(span.end);
    return track;
  }

 private:
  static bool HasRoom(std::vector<absl::Time>& ends, const TimedSpan& span) {
    while (!ends.empty() && ends.back() <= span.start) ends.pop_back();
    return ends.empty() || ends.back() >= span.end;
  }

  std::vector<std::vector<absl::Time>> open_;  // By track: ends of the spans around the latest.
};

class TraceWriter {
 public:
  explicit TraceWriter(absl::Time origin) : origin_(origin) {}

  void NameProcess(int process, absl::string_view name) {
    AddName("process_name", process, 0, name);
  }

  void AddSpan(const TimedSpan& span, absl::string_view category, int process, int track,
               const std::string& track_name, const std::vector<std::string>& args) {
    if (named_.emplace(process, track).second) {
      AddName("thread_name", process, track, track_name);
    }
    events_.push_back(absl::StrFormat(
        R"({"name":%s,"cat":"%s","ph":"X","ts":%.3f,"dur":%.3f,"pid":%d,"tid":%d,"args":{%s}})",
        JsonString(span.name), category, absl::ToDoubleMicroseconds(span.start - origin_),
        absl::ToDoubleMicroseconds(span.Took()), process, track, absl::StrJoin(args, ",")));
  }

  std::string Json() const {
    return absl::StrCat("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n",
                        absl::StrJoin(events_, ",\n"), "\n]}\n");
  }

 private:
  void AddName(absl::string_view kind, int process, int track, absl::string_view name) {
    events_.push_back(
        absl::StrFormat(R"({"name":"%s","ph":"M","pid":%d,"tid":%d,"args":{"name":%s}})", kind,
                        process, track, JsonString(name)));
  }

  const absl::Time origin_;
  std::set<std::pair<int, int>> named_;
  std::vector<std::string> events_;
};

std::string Argument(absl::string_view name, absl::string_view value) {
  return absl::StrCat("\"", name, "\":", JsonString(value));
}

std::vector<std::string> TaskArguments(const TimedTask& task, bool is_critical) {
  std::vector<std::string> args = {Argument("outcome", task.outcome)};
  if (!task.reason.empty()) args.push_back(Argument("reason", task.reason));
  if (!task.plan_reason.empty()) args.push_back(Argument("planned because", task.plan_reason));
  if (!task.depends_on.empty()) {
    args.push_back(Argument("depends on", absl::StrJoin(task.depends_on, ", ")));
  }
  args.push_back(absl::StrCat("\"critical path\":", is_critical ? "true" : "false"));
  return args;
}

// By their starts; of those that start together the longer first, so that others lie inside it.
template <typename Item>
std::vector<const Item*> ByStart(const std::vector<Item>& items) {
  std::vector<const Item*> sorted;
  for (const Item& item : items) sorted.push_back(&item);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Item* a, const Item* b) {
    if (a->span.start != b->span.start) return a->span.start < b->span.start;
    return a->span.end > b->span.end;
  });
  return sorted;
}

void AddSteps(const TimedTask& task, size_t lane, TrackPacker& packer, TraceWriter& writer) {
  for (const TimedStep* step : ByStart(task.steps)) {
    const size_t beside = packer.Add(step->span, kTracksPerLane);
    const int track = kFirstTaskTrack + static_cast<int>(lane * kTracksPerLane + beside);
    std::vector<std::string> args = {Argument("task", task.span.name)};
    if (step->cached) args.push_back("\"cached\":true");
    writer.AddSpan(step->span, "step", kDaemonProcess, track,
                   absl::StrCat("tasks ", lane + 1, ", steps ", beside), args);
  }
}

void AddTasks(const Timeline& timeline, TraceWriter& writer) {
  const std::vector<size_t> path = CriticalPath(timeline.tasks());
  const TimedTask* const first = timeline.tasks().data();
  const std::set<size_t> critical(path.begin(), path.end());
  std::vector<absl::Time> lane_ends;
  std::vector<TrackPacker> packers;  // By lane.
  for (const TimedTask* task : ByStart(timeline.tasks())) {
    if (!task->HasRun()) continue;
    const size_t lane = std::find_if(lane_ends.begin(), lane_ends.end(),
                                     [&](absl::Time end) { return end <= task->span.start; }) -
                        lane_ends.begin();
    if (lane == lane_ends.size()) {
      lane_ends.emplace_back();
      packers.emplace_back();
    }
    lane_ends[lane] = task->span.end;
    packers[lane].Add(task->span, 1);
    writer.AddSpan(task->span, "task", kDaemonProcess,
                   kFirstTaskTrack + static_cast<int>(lane * kTracksPerLane),
                   absl::StrCat("tasks ", lane + 1),
                   TaskArguments(*task, critical.count(task - first) > 0));
    AddSteps(*task, lane, packers[lane], writer);
  }
}

}  // namespace

std::string TraceJson(const Timeline& timeline) {
  TraceWriter writer(timeline.Start());
  writer.NameProcess(kCliProcess, "nopo");
  writer.NameProcess(kDaemonProcess, "nopod");
  for (const TimedSpan& phase : timeline.cli_phases()) {
    writer.AddSpan(phase, "phase", kCliProcess, kPhaseTrack, "phases", {});
  }
  for (const TimedSpan& phase : timeline.daemon_phases()) {
    writer.AddSpan(phase, "phase", kDaemonProcess, kPhaseTrack, "phases", {});
  }
  AddTasks(timeline, writer);
  return writer.Json();
}

}  // namespace nopo
