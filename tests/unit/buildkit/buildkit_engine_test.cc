// BuildkitClient against the engine at NOPO_TEST_DOCKER_HOST, with NOPO_TEST_IMAGE (a busybox) to
// build from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "common/error.h"
#include "common/runtime_paths.h"
#include "daemon/buildkit/buildkit_client.h"
#include "daemon/buildkit/request_sessions.h"
#include "tests/unit/buildkit/cutting_proxy.h"
#include "tests/unit/buildkit/snapshots.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What a build told while it ran.
struct Transcript {
  std::string log;
  std::map<std::string, SolveVertex> vertices;  // By digest.

  void Add(const SolveEvent& event) {
    if (const auto* piece = std::get_if<SolveLog>(&event)) log += piece->data;
    if (const auto* vertex = std::get_if<SolveVertex>(&event)) vertices[vertex->digest] = *vertex;
  }
};

std::string MessageOf(const absl::StatusOr<SolveResult>& result) {
  return std::string(result.status().message());
}

// The engine's whole answer to a request without a body.
std::string Ask(const Endpoint& engine, absl::string_view method, absl::string_view path) {
  const absl::StatusOr<UniqueFd> fd = Dial(engine);
  if (!fd.ok()) return fd.status().ToString();
  const std::string request = absl::StrCat(method, " ", path, " HTTP/1.0\r\nHost: docker\r\n\r\n");
  (void)!::write(fd->get(), request.data(), request.size());
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd->get(), buffer, sizeof(buffer))) > 0;) answer.append(buffer, n);
  return answer;
}

// Whether a process of this machine has `text` in its command line.
bool ProcessExists(const std::string& text) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line((std::istreambuf_iterator<char>(file)), {});
    if (absl::StrContains(absl::StrReplaceAll(line, {{std::string(1, '\0'), " "}}), text)) {
      return true;
    }
  }
  return false;
}

class BuildkitEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (ReadProcessEnvironment("NOPO_TEST_DOCKER_HOST").empty() ||
        ReadProcessEnvironment("NOPO_TEST_IMAGE").empty()) {
      GTEST_SKIP() << "NOPO_TEST_DOCKER_HOST and NOPO_TEST_IMAGE name no engine and image";
    }
    engine_ = *ParseEndpoint(ReadProcessEnvironment("NOPO_TEST_DOCKER_HOST"));
    client_ = std::make_unique<BuildkitClient>(BuildkitAddress{engine_});
  }

  void TearDown() override {
    for (const std::string& tag : tags_) Ask(engine_, "DELETE", absl::StrCat("/images/", tag));
  }

  // A build of `steps` on the test image, tagged for this test alone.
  SolveOptions Build(const std::string& steps) {
    const std::string tag = absl::StrFormat("nopo-buildkit-test-%d:%d", ::getpid(), tags_.size());
    tags_.insert(tag);
    return {.dockerfile_text =
                absl::StrCat("FROM ", ReadProcessEnvironment("NOPO_TEST_IMAGE"), "\n", steps),
            .tags = {tag}};
  }

  // Builds of the files as they are now, in a request of its own.
  absl::StatusOr<SolveResult> Solve(SolveOptions options) {
    options.context = SnapshotOf(context_.path());
    return SolveIn(*NewRequest(), options);
  }
  absl::StatusOr<SolveResult> SolveIn(RequestSessions& request, const SolveOptions& options) {
    transcript_ = {};
    return client_->Solve(
        options, request, [this](const SolveEvent& event) { transcript_.Add(event); },
        cancellation_);
  }
  std::unique_ptr<RequestSessions> NewRequest() { return client_->NewRequest(context_.path()); }

  // Text that makes every run of the tests build anew.
  static std::string Fresh() {
    static int count = 0;
    return absl::StrCat(::getpid(), ".", absl::ToUnixNanos(absl::Now()), ".", ++count);
  }

  Endpoint engine_;
  std::unique_ptr<BuildkitClient> client_;
  TempDirectory context_;
  Cancellation cancellation_;
  Transcript transcript_;
  std::set<std::string> tags_;
};

TEST_F(BuildkitEngineTest, BuildsAndTagsAnImage) {
  context_.Write("app/hello", Fresh());
  const SolveOptions options = Build("COPY app /app\nRUN echo built > /done && cat /app/hello\n");

  const absl::StatusOr<SolveResult> result = Solve(options);

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Ask(engine_, "GET", absl::StrCat("/images/", options.tags[0], "/json")),
              HasSubstr(result->image_id));
  EXPECT_EQ(result->steps, 2);
  EXPECT_EQ(result->cached_steps, 0);
}

TEST_F(BuildkitEngineTest, PassesArgumentsLabelsAndTarget) {
  SolveOptions options = Build(
      "ARG GREETING\nRUN echo \"said $GREETING\"\n"
      "FROM scratch AS other\nCOPY nowhere /\n");
  options.dockerfile_text =
      absl::StrReplaceAll(options.dockerfile_text,
                          {{"FROM " + ReadProcessEnvironment("NOPO_TEST_IMAGE"),
                            "FROM " + ReadProcessEnvironment("NOPO_TEST_IMAGE") + " AS first"}});
  options.build_args = {{"GREETING", Fresh()}};
  options.labels = {{"nopo.test", "yes"}};
  options.target = "first";

  const absl::StatusOr<SolveResult> result = Solve(options);

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, HasSubstr("said " + options.build_args["GREETING"]));
  EXPECT_THAT(Ask(engine_, "GET", absl::StrCat("/images/", options.tags[0], "/json")),
              HasSubstr("\"nopo.test\":\"yes\""));
}

TEST_F(BuildkitEngineTest, TakesAnUnchangedBuildWhollyFromTheCache) {
  context_.Write("file", Fresh());
  const SolveOptions options = Build("COPY . /src\nRUN true\n");
  const absl::StatusOr<SolveResult> first = Solve(options);
  ASSERT_TRUE(first.ok()) << first.status();

  const absl::StatusOr<SolveResult> second = Solve(options);

  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->image_id, first->image_id);
  EXPECT_EQ(second->cached_steps, second->steps);
  EXPECT_LT(second->bytes_sent, 1000);
}

TEST_F(BuildkitEngineTest, SeesAnEditBetweenTwoBuilds) {
  const std::string before = Fresh(), after = Fresh();
  const SolveOptions options = Build("COPY . /src\nRUN cat /src/file\n");
  context_.Write("file", before);
  const absl::StatusOr<SolveResult> first = Solve(options);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(transcript_.log, HasSubstr(before));

  context_.Write("file", after);
  const absl::StatusOr<SolveResult> second = Solve(options);

  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(transcript_.log, HasSubstr(after));
  EXPECT_NE(second->image_id, first->image_id);
}

TEST_F(BuildkitEngineTest, TellsDockerfilesOfEqualLengthApart) {
  const std::string marker = Fresh();
  ASSERT_TRUE(Solve(Build("RUN echo a" + marker + "\n")).ok());

  ASSERT_TRUE(Solve(Build("RUN echo b" + marker + "\n")).ok());

  EXPECT_THAT(transcript_.log, HasSubstr("b" + marker));
}

TEST_F(BuildkitEngineTest, SendsOnlyTheFileThatChanged) {
  for (int i = 0; i < 200; ++i) context_.Write(absl::StrCat("dir", i % 7, "/", i), Fresh());
  const SolveOptions options = Build("COPY . /src\n");
  ASSERT_TRUE(Solve(options).ok());
  const std::string changed(50'000, 'x');

  context_.Write("dir3/3", changed);
  const absl::StatusOr<SolveResult> result = Solve(options);

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->bytes_sent, changed.size());
  EXPECT_LT(result->bytes_sent, changed.size() + 207 * 60 + 1000);
}

TEST_F(BuildkitEngineTest, SendsLargeFilesWhole) {
  const std::string large(5 << 20, 'l');
  const std::string text = large + Fresh();
  context_.Write("large", text);
  const absl::StatusOr<SolveResult> result =
      Solve(Build("COPY large /\nRUN stat -c 'size %s' /large\n"));

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, HasSubstr("size " + std::to_string(text.size())));
}

TEST_F(BuildkitEngineTest, KeepsLinksModesAndOddNames) {
  context_.Write("dir/file", Fresh());
  context_.Write("a b ü+%", "odd");
  std::filesystem::create_hard_link(context_.path() / "dir/file", context_.path() / "hard");
  std::filesystem::create_symlink("dir/missing", context_.path() / "dangling");
  std::filesystem::create_directory(context_.path() / "empty");
  std::filesystem::permissions(context_.path() / "hard", std::filesystem::perms(04750));

  const absl::StatusOr<SolveResult> result =
      Solve(Build("COPY . /src\nRUN cd /src; stat -c '%n %a %h' hard; readlink dangling; find . "
                  "-mindepth 1\n"));

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, AllOf(HasSubstr("hard 4750 2\n"), HasSubstr("dir/missing\n"),
                                     HasSubstr("a b ü+%\n"), HasSubstr("empty\n")));
}

TEST_F(BuildkitEngineTest, KeepsNamesInAnyEncoding) {
  context_.Write("latin-\xe4\xff", Fresh());
  context_.Write("new\nline", "");
  context_.Write(std::string(255, 'n'), "");

  const absl::StatusOr<SolveResult> result =
      Solve(Build("COPY . /src\nRUN cd /src; test -e \"$(printf 'latin-\\344\\377')\"; "
                  "set -- \"there $?\" *; echo \"$1 $#\"\n"));

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, HasSubstr("there 0 4\n"));
}

TEST_F(BuildkitEngineTest, SendsSparseFilesPipesAndSockets) {
  context_.Write("sparse", Fresh());
  std::filesystem::resize_file(context_.path() / "sparse", 20 << 20);
  ASSERT_EQ(::mkfifo((context_.path() / "pipe").c_str(), 0600), 0);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  (context_.path() / "socket").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);

  const absl::StatusOr<SolveResult> result =
      Solve(Build("COPY . /src\nRUN cd /src; stat -c '%n %s' sparse socket\n"));

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, AllOf(HasSubstr("sparse 20971520\n"), HasSubstr("socket 0\n")));
}

TEST_F(BuildkitEngineTest, SendsAContextOnceForAllImagesOfARequest) {
  context_.Write("large", std::string(1 << 20, 'l') + Fresh());
  const auto request = NewRequest();
  const auto context = SnapshotOf(context_.path());
  int64_t sent = 0;

  for (const char* name : {"one", "two", "three"}) {
    SolveOptions options = Build(absl::StrCat("COPY . /src\nENV NAME=", name, "\n"));
    options.context = context;
    const absl::StatusOr<SolveResult> result = SolveIn(*request, options);
    ASSERT_TRUE(result.ok()) << result.status();
    sent += result->bytes_sent;
  }

  EXPECT_GT(sent, 1 << 20);
  EXPECT_LT(sent, 2 << 20);
}

TEST_F(BuildkitEngineTest, SeesAnEditWithinARequest) {
  const auto request = NewRequest();
  SolveOptions options = Build("COPY . /src\nRUN cat /src/file\n");
  context_.Write("file", Fresh());
  options.context = SnapshotOf(context_.path(), {}, ContextSnapshot::OnChange::kFail, "before");
  ASSERT_TRUE(SolveIn(*request, options).ok());
  const std::string after = Fresh();
  context_.Write("file", after);
  options.context = SnapshotOf(context_.path(), {}, ContextSnapshot::OnChange::kFail, "after");

  ASSERT_TRUE(SolveIn(*request, options).ok());

  EXPECT_THAT(transcript_.log, HasSubstr(after));
}

// Engines end sessions that answer no health checks: 20.10 asks every second, 26 every five.
TEST_F(BuildkitEngineTest, ASessionOutlivesALongStep) {
  const auto request = NewRequest();
  context_.Write("file", Fresh());
  SolveOptions slow = Build(absl::StrCat("RUN sleep 6 # ", Fresh(), "\n"));
  slow.context = SnapshotOf(context_.path());
  ASSERT_TRUE(SolveIn(*request, slow).ok());
  SolveOptions next = Build("COPY file /\n");
  next.context = slow.context;

  const absl::StatusOr<SolveResult> result = SolveIn(*request, next);

  EXPECT_TRUE(result.ok()) << result.status();
}

TEST_F(BuildkitEngineTest, BuildsNothingOfAFileThatChangedSinceItWasListed) {
  context_.Write("file", Fresh());
  SolveOptions options = Build("COPY . /src\n");
  options.context = SnapshotOf(context_.path());
  context_.Write("file", "longer than before: " + Fresh());

  const absl::StatusOr<SolveResult> result = SolveIn(*NewRequest(), options);

  EXPECT_THAT(MessageOf(result), HasSubstr("file changed while it was being sent"));
}

TEST_F(BuildkitEngineTest, CopiesThroughASymbolicLink) {
  context_.Write("real/dir/file", Fresh());
  std::filesystem::create_symlink("real/dir", context_.path() / "link");

  const absl::StatusOr<SolveResult> result = Solve(Build("COPY link/file /\n"));

  EXPECT_TRUE(result.ok()) << result.status();
}

TEST_F(BuildkitEngineTest, HonoursTheContextsDockerignore) {
  context_.Write(".dockerignore", "# comment\n*.log\nsecret\n!secret/public\n");
  for (const char* name : {"kept", "a.log", "secret/hidden", "secret/public/shown"}) {
    context_.Write(name, Fresh());
  }
  const absl::StatusOr<SolveResult> result = Solve(Build("COPY . /src\nRUN find /src -type f\n"));

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, AllOf(HasSubstr("/src/kept"), HasSubstr("/src/secret/public/shown"),
                                     Not(HasSubstr("a.log")), Not(HasSubstr("hidden"))));
}

TEST_F(BuildkitEngineTest, TakesManyIgnorePatternsAndNonAsciiOnes) {
  std::string patterns = "drop-ü\n";
  for (int i = 0; i < 500; ++i) absl::StrAppend(&patterns, "**/not-here-", i, "/*.o\n");
  context_.Write(".dockerignore", patterns);
  context_.Write("kept", Fresh());
  context_.Write("drop-ü", "x");

  const absl::StatusOr<SolveResult> result = Solve(Build("COPY . /src\nRUN ls /src\n"));

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, AllOf(HasSubstr("kept"), Not(HasSubstr("drop-"))));
}

TEST_F(BuildkitEngineTest, PrefersTheDockerfilesOwnIgnoreFile) {
  context_.Write(".dockerignore", "one\n");
  context_.Write("one", Fresh());
  context_.Write("two", Fresh());
  SolveOptions options = Build("COPY . /src\nRUN ls /src\n");
  options.dockerfile_name = "apps/web/Dockerfile";
  options.dockerignore_text = "two\n";

  const absl::StatusOr<SolveResult> result = Solve(options);

  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(transcript_.log, AllOf(HasSubstr("one"), Not(HasSubstr("two"))));
}

TEST_F(BuildkitEngineTest, ReportsAStepThatFailsWithItsLog) {
  const std::string marker = Fresh();

  const absl::StatusOr<SolveResult> result =
      Solve(Build("RUN echo going-" + marker + " >&2; exit 7\n"));

  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(result.status()), Reason::kBuildFailed);
  EXPECT_THAT(MessageOf(result), HasSubstr("failed with exit code 7"));
  EXPECT_THAT(MessageOf(result), Not(HasSubstr("failed to solve")));
  EXPECT_THAT(transcript_.log, HasSubstr("going-" + marker));
}

TEST_F(BuildkitEngineTest, NamesAMissingCopySource) {
  const absl::StatusOr<SolveResult> result = Solve(Build("COPY not-there /\n"));

  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(result), HasSubstr("\"/not-there\" not found"));
  EXPECT_FALSE(HintsOf(result.status()).empty());
}

TEST_F(BuildkitEngineTest, NamesTheLineOfASyntaxError) {
  SolveOptions options = Build("RUM make\n");
  options.dockerfile_name = "apps/web/Dockerfile";

  const absl::StatusOr<SolveResult> result = Solve(options);

  EXPECT_THAT(MessageOf(result), testing::StartsWith("apps/web/Dockerfile:2: "));
  EXPECT_THAT(MessageOf(result), HasSubstr("RUM"));
}

TEST_F(BuildkitEngineTest, NamesAnUnknownStage) {
  SolveOptions options = Build("RUN true\n");
  options.target = "nowhere";

  EXPECT_THAT(MessageOf(Solve(options)), HasSubstr("nowhere"));
}

// Of such a build BuildKit tells no progress, and only after seconds that it knows none.
TEST_F(BuildkitEngineTest, SaysWhatBuildKitDoesNotTakeOn) {
  SolveOptions options = Build("RUN true\n");
  options.cache_to = {{.type = "nowhere"}};

  EXPECT_THAT(MessageOf(Solve(options)), HasSubstr("unknown cache exporter: \"nowhere\""));
  EXPECT_TRUE(transcript_.vertices.empty());
}

TEST_F(BuildkitEngineTest, LeavesNothingRunningWhenCancelled) {
  const std::string sleep = absl::StrFormat("sleep 600%d", ::getpid());
  SolveOptions options = Build("RUN echo begun; " + sleep + "\n");
  options.context = SnapshotOf(context_.path());

  const absl::StatusOr<SolveResult> result = client_->Solve(
      options, *NewRequest(),
      [this](const SolveEvent& event) {
        transcript_.Add(event);
        if (absl::StrContains(transcript_.log, "begun")) cancellation_.Cancel();
      },
      cancellation_);

  EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(ProcessExists(sleep));
}

TEST_F(BuildkitEngineTest, DoesNotBeginWhatIsCancelledAlready) {
  cancellation_.Cancel();

  EXPECT_EQ(Solve(Build("RUN true\n")).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(transcript_.vertices.empty());
}

TEST_F(BuildkitEngineTest, ConnectsAgainAfterTheEngineCutTheConnection) {
  CuttingProxy proxy((context_.path() / ".proxy.sock").string(), engine_);
  client_ = std::make_unique<BuildkitClient>(BuildkitAddress{proxy.endpoint()});
  const SolveOptions options = Build("RUN true\n");
  ASSERT_TRUE(Solve(options).ok());

  proxy.CutAll();
  const absl::StatusOr<SolveResult> result = Solve(options);

  EXPECT_TRUE(result.ok()) << result.status();
  client_ = nullptr;
}

TEST_F(BuildkitEngineTest, SaysThatTheEngineWentAwayInTheMiddle) {
  CuttingProxy proxy((context_.path() / ".proxy.sock").string(), engine_);
  client_ = std::make_unique<BuildkitClient>(BuildkitAddress{proxy.endpoint()});
  std::string log;
  SolveOptions options = Build("RUN echo begun; sleep 600\n");
  options.context = SnapshotOf(context_.path());

  const absl::StatusOr<SolveResult> result = client_->Solve(
      options, *NewRequest(),
      [&](const SolveEvent& event) {
        if (const auto* piece = std::get_if<SolveLog>(&event)) log += piece->data;
        if (absl::StrContains(log, "begun")) proxy.CutAll();
      },
      cancellation_);

  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(result.status()), Reason::kEngineUnavailable);
  client_ = nullptr;
}

TEST_F(BuildkitEngineTest, BuildsEightImagesAtOnce) {
  context_.Write("file", Fresh());
  std::vector<SolveOptions> builds;
  const auto context = SnapshotOf(context_.path());
  for (int i = 0; i < 8; ++i) {
    builds.push_back(Build(absl::StrCat("COPY . /src\nRUN echo ", i, "\n")));
    builds.back().context = context;
  }
  const auto request = NewRequest();
  std::vector<std::jthread> threads;
  for (const SolveOptions& build : builds) {
    threads.emplace_back([&] {
      const auto built = client_->Solve(
          build, *request, [](const SolveEvent&) {}, cancellation_);
      EXPECT_TRUE(built.ok()) << built.status();
    });
  }
}

}  // namespace
}  // namespace nopo
