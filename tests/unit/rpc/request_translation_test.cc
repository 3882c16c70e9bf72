#include "daemon/rpc/request_translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// A request that says no more than it must.
template <typename Request>
Request Smallest() {
  Request request;
  request.mutable_caller()->set_working_dir("/shop/apps");
  return request;
}

void ExpectBadField(const absl::Status& status, const std::string& field) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), Reason::kBadArguments);
  EXPECT_THAT(std::string(status.message()), HasSubstr(field + ": "));
}

TEST(RequestTranslationTest, TakesCallerSelectionAndExecutionFromEveryRequest) {
  auto request = Smallest<v1::BuildRequest>();
  request.mutable_caller()->set_project_dir("/shop");
  (*request.mutable_caller()->mutable_environment())["HOME"] = "/home/ann";
  request.mutable_caller()->set_umask(0100027);
  request.mutable_selection()->add_targets("web");
  request.mutable_selection()->add_filters("tags=frontend");
  request.mutable_selection()->add_tags("backend");
  request.mutable_selection()->set_since("main");
  request.mutable_execution()->set_jobs(3);
  request.mutable_execution()->set_fail_fast(true);

  const BuildOptions options = BuildOptionsFromProto(request).value();

  EXPECT_EQ(options.caller.working_dir, "/shop/apps");
  EXPECT_EQ(options.caller.project_dir, "/shop");
  EXPECT_EQ(options.caller.Variable("HOME"), "/home/ann");
  EXPECT_EQ(options.caller.umask, 0027u);
  EXPECT_THAT(options.selection.names, ElementsAre("web"));
  EXPECT_THAT(options.selection.filters, ElementsAre("tags=frontend"));
  EXPECT_THAT(options.selection.tags, ElementsAre("backend"));
  EXPECT_EQ(options.selection.since, "main");
  EXPECT_EQ(options.selection.working_dir, "/shop/apps");
  EXPECT_EQ(options.execution.jobs, 3);
  EXPECT_TRUE(options.execution.fail_fast);
  EXPECT_FALSE(options.execution.dry_run);
}

TEST(ExecOptionsTest, AreWhatTheFirstMessageSays) {
  auto start = Smallest<v1::ExecStart>();
  start.mutable_selection()->add_targets("web");
  start.add_command("ls");
  start.add_command("-la");
  start.set_index(2);
  (*start.mutable_env())["A"] = "b";
  start.set_working_dir("/srv");
  start.set_user("1000:1000");
  start.set_privileged(true);
  start.set_terminal(true);

  const ExecOptions options = ExecOptionsFromProto(start).value();

  EXPECT_THAT(options.selection.names, ElementsAre("web"));
  EXPECT_THAT(options.command, ElementsAre("ls", "-la"));
  EXPECT_EQ(options.index, 2);
  EXPECT_THAT(options.env, ElementsAre(Pair("A", "b")));
  EXPECT_EQ(options.working_dir, "/srv");
  EXPECT_EQ(options.user, "1000:1000");
  EXPECT_TRUE(options.privileged);
  EXPECT_TRUE(options.on_terminal);
  EXPECT_FALSE(options.detach);
}

TEST(ExecOptionsTest, NameOneTargetACommandAndWhatCanBe) {
  auto start = Smallest<v1::ExecStart>();
  ExpectBadField(ExecOptionsFromProto(start).status(), "selection.targets");
  start.mutable_selection()->add_targets("web");
  ExpectBadField(ExecOptionsFromProto(start).status(), "command");
  start.add_command("ls");
  EXPECT_TRUE(ExecOptionsFromProto(start).ok());
  start.set_index(-1);
  ExpectBadField(ExecOptionsFromProto(start).status(), "index");
  start.set_index(0);
  (*start.mutable_env())[""] = "b";
  ExpectBadField(ExecOptionsFromProto(start).status(), "env");
  start.clear_env();
  start.mutable_selection()->add_targets("api");
  ExpectBadField(ExecOptionsFromProto(start).status(), "selection.targets");
}

TEST(TerminalSizeTest, IsOneThatATerminalCanHave) {
  v1::TerminalSize proto;
  proto.set_columns(-3);
  proto.set_rows(1'000'000);

  EXPECT_EQ(TerminalSizeFromProto(proto), (TerminalSize{.columns = 1, .rows = 10'000}));
}

TEST(RequestTranslationTest, WantsAbsolutePathsOfTheCaller) {
  v1::DownRequest request;
  ExpectBadField(DownOptionsFromProto(request).status(), "caller.working_dir");
  request.mutable_caller()->set_working_dir("shop");
  ExpectBadField(DownOptionsFromProto(request).status(), "caller.working_dir");
  request.mutable_caller()->set_working_dir("/shop");
  request.mutable_caller()->set_project_dir("../shop");
  ExpectBadField(DownOptionsFromProto(request).status(), "caller.project_dir");
}

TEST(RequestTranslationTest, WantsASensibleNumberOfJobs) {
  auto request = Smallest<v1::DownRequest>();
  for (const int jobs : {-1, 1025}) {
    request.mutable_execution()->set_jobs(jobs);
    ExpectBadField(DownOptionsFromProto(request).status(), "execution.jobs");
  }
}

TEST(RequestTranslationTest, UpWaitsForEverythingUnlessToldOtherwise) {
  const UpOptions options = UpOptionsFromProto(Smallest<v1::UpRequest>()).value();

  EXPECT_TRUE(options.with_dependencies);
  EXPECT_TRUE(options.wait_for_health);
  EXPECT_FALSE(options.force_build);
  EXPECT_EQ(options.health_timeout, absl::Seconds(120));
}

TEST(RequestTranslationTest, UpTakesItsOptions) {
  auto request = Smallest<v1::UpRequest>();
  request.set_no_deps(true);
  request.set_no_wait(true);
  request.set_build(true);
  request.mutable_timeout()->set_nanos(500'000'000);
  (*request.mutable_scale())["web"] = 3;

  const UpOptions options = UpOptionsFromProto(request).value();

  EXPECT_FALSE(options.with_dependencies);
  EXPECT_FALSE(options.wait_for_health);
  EXPECT_TRUE(options.force_build);
  EXPECT_EQ(options.health_timeout, absl::Milliseconds(500));
  EXPECT_THAT(options.scale, ElementsAre(Pair("web", 3)));
}

TEST(RequestTranslationTest, UpCannotWaitForNoTime) {
  auto request = Smallest<v1::UpRequest>();
  request.mutable_timeout()->set_seconds(0);
  ExpectBadField(UpOptionsFromProto(request).status(), "timeout");
}

TEST(RequestTranslationTest, BuildWantsAnAbsoluteOutputFile) {
  auto request = Smallest<v1::BuildRequest>();
  request.set_output_file("images.json");
  ExpectBadField(BuildOptionsFromProto(request).status(), "output_file");
  request.set_output_file("/tmp/images.json");
  EXPECT_EQ(BuildOptionsFromProto(request)->output_file, "/tmp/images.json");
}

TEST(RequestTranslationTest, RunTakesWordsAsTyped) {
  auto request = Smallest<v1::RunRequest>();
  ExpectBadField(RunCommandOptionsFromProto(request).status(), "words");
  for (const char* word : {"check", "py", "web"}) request.add_words(word);
  request.add_arguments("--fix");
  request.set_context(v1::EXECUTION_CONTEXT_CONTAINER);

  const RunCommandOptions options = RunCommandOptionsFromProto(request).value();

  EXPECT_THAT(options.words, ElementsAre("check", "py", "web"));
  EXPECT_THAT(options.arguments, ElementsAre("--fix"));
  EXPECT_EQ(options.context, CommandContext::kContainer);
  EXPECT_FALSE(options.in_container);
}

TEST(RequestTranslationTest, LogsTakesAnyNegativeTailForAll) {
  auto request = Smallest<v1::StreamLogsRequest>();
  request.set_tail(-7);
  EXPECT_EQ(LogsOptionsFromProto(request)->tail, -1);
  request.set_tail(0);
  EXPECT_EQ(LogsOptionsFromProto(request)->tail, 0);
}

TEST(RequestTranslationTest, OnlyListHasCsv) {
  auto list = Smallest<v1::ListTargetsRequest>();
  list.set_format(v1::OUTPUT_FORMAT_CSV);
  EXPECT_EQ(ListOptionsFromProto(list)->format, OutputFormat::kCsv);

  auto status = Smallest<v1::GetStatusRequest>();
  EXPECT_EQ(StatusOptionsFromProto(status)->format, OutputFormat::kText);
  status.set_format(v1::OUTPUT_FORMAT_JSON);
  EXPECT_EQ(StatusOptionsFromProto(status)->format, OutputFormat::kJson);
  status.set_format(v1::OUTPUT_FORMAT_CSV);
  ExpectBadField(StatusOptionsFromProto(status).status(), "format");
}

TEST(RequestTranslationTest, TakesTheFormatOfAGraph) {
  auto request = Smallest<v1::GetGraphRequest>();
  EXPECT_EQ(GraphOptionsFromProto(request)->format, GraphFormat::kDot);
  request.set_format(v1::GRAPH_FORMAT_MERMAID);
  EXPECT_EQ(GraphOptionsFromProto(request)->format, GraphFormat::kMermaid);
  request.set_format(v1::GRAPH_FORMAT_JSON);
  EXPECT_EQ(GraphOptionsFromProto(request)->format, GraphFormat::kJson);
}

TEST(RequestTranslationTest, RefusesToDiagnoseForNobody) {
  ExpectBadField(DiagnoseOptionsFromProto({}).status(), "caller.working_dir");
  EXPECT_EQ(DiagnoseOptionsFromProto(Smallest<v1::DiagnoseRequest>())->caller.working_dir,
            "/shop/apps");
}

TEST(RequestTranslationTest, TakesWhatAMisspeltCommandMayHaveMeant) {
  auto request = Smallest<v1::RunRequest>();
  request.add_words("biuld");
  request.add_client_commands("build");
  EXPECT_THAT(RunCommandOptionsFromProto(request)->client_commands, ElementsAre("build"));
}

TEST(RequestTranslationTest, TakesTheWishForNewerImages) {
  auto request = Smallest<v1::UpRequest>();
  EXPECT_FALSE(UpOptionsFromProto(request)->pull);
  request.set_pull(true);
  EXPECT_TRUE(UpOptionsFromProto(request)->pull);
}

TEST(RequestTranslationTest, TakesHowDependenciesAreSynced) {
  auto request = Smallest<v1::UpRequest>();
  EXPECT_EQ(UpOptionsFromProto(request)->sync, SyncMode::kAuto);
  request.set_sync(v1::SYNC_MODE_OFFLINE);
  EXPECT_EQ(UpOptionsFromProto(request)->sync, SyncMode::kOffline);
  request.set_sync(v1::SYNC_MODE_ONLINE);
  EXPECT_EQ(UpOptionsFromProto(request)->sync, SyncMode::kOnline);
  request.set_sync(v1::SYNC_MODE_SKIP);
  EXPECT_EQ(UpOptionsFromProto(request)->sync, SyncMode::kSkip);
  request.set_sync(static_cast<v1::SyncMode>(7));
  ExpectBadField(UpOptionsFromProto(request).status(), "sync");
}

TEST(RequestTranslationTest, ReportsPhasesToWhoAsksOrDebugsTiming) {
  auto request = Smallest<v1::ListTargetsRequest>();
  EXPECT_FALSE(ListOptionsFromProto(request)->caller.Wishes().phases);

  request.mutable_caller()->set_report_phases(true);
  EXPECT_TRUE(ListOptionsFromProto(request)->caller.Wishes().phases);

  request.mutable_caller()->set_report_phases(false);
  (*request.mutable_caller()->mutable_environment())["DEBUG"] = "timing";
  EXPECT_TRUE(ListOptionsFromProto(request)->caller.Wishes().phases);
}

TEST(RequestTranslationTest, TellsTheLinesThatTheCallersDebugNames) {
  auto request = Smallest<v1::ListTargetsRequest>();
  (*request.mutable_caller()->mutable_environment())["DEBUG"] = "cache";

  const EventWishes wishes = ListOptionsFromProto(request)->caller.Wishes();

  EXPECT_TRUE(wishes.debug.Has(DebugArea::kCache));
  EXPECT_FALSE(wishes.debug.Has(DebugArea::kBuild));
}

TEST(RequestTranslationTest, ListsTheNewestTwentyBuildsUnlessToldOtherwise) {
  auto request = Smallest<v1::ListBuildsRequest>();
  EXPECT_EQ(ListBuildsOptionsFromProto(request)->limit, 20);

  request.set_limit(3);
  EXPECT_EQ(ListBuildsOptionsFromProto(request)->limit, 3);

  request.set_limit(-1);
  ExpectBadField(ListBuildsOptionsFromProto(request).status(), "limit");
}

TEST(RequestTranslationTest, ExplainsBuildsAsTheyWereAskedFor) {
  auto request = Smallest<v1::ExplainBuildsRequest>();
  request.set_target_stage("final");
  (*request.mutable_build_args())["A"] = "1";
  request.set_format(v1::OUTPUT_FORMAT_JSON);

  const ExplainBuildsOptions options = ExplainBuildsOptionsFromProto(request).value();

  EXPECT_EQ(options.target_stage, "final");
  EXPECT_EQ(options.build_args, (std::map<std::string, std::string>{{"A", "1"}}));
  EXPECT_EQ(options.format, OutputFormat::kJson);
}

}  // namespace
}  // namespace nopo
