#include "daemon/buildkit/solve_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buildkit/error_details.pb.h"
#include "common/error.h"

namespace nopo {
namespace {

using testing::HasSubstr;

constexpr int kUnknown = 2;

std::string MessageOf(const std::string& text) {
  const absl::Status status = SolveError({.code = kUnknown, .message = text}, "web/Dockerfile");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  return std::string(status.message());
}

std::string DetailsWith(const std::string& type, const std::string& json) {
  buildkit::ErrorDetails details;
  auto& other = *details.add_details();
  other.set_type_url("github.com/moby/buildkit/stack.Stack+json");
  other.set_value("{}");
  auto& detail = *details.add_details();
  detail.set_type_url(type);
  detail.set_value(json);
  return details.SerializeAsString();
}

TEST(SolveErrorTest, SaysInOneWayThatACommandFailed) {
  EXPECT_EQ(MessageOf("failed to solve with frontend dockerfile.v0: failed to build LLB: executor "
                      "failed running [/bin/sh -c make]: exit code: 2"),
            "'/bin/sh -c make' failed with exit code 2");
  EXPECT_EQ(MessageOf("failed to solve: process \"/bin/sh -c make \"a b\"\" did not complete "
                      "successfully: exit code: 127"),
            "'/bin/sh -c make \"a b\"' failed with exit code 127");
}

TEST(SolveErrorTest, ShowsACommandAsItIsWritten) {
  EXPECT_EQ(
      MessageOf(
          R"(process "/bin/sh -c echo \"a\\b\"" did not complete successfully: exit code: 1)"),
      R"('/bin/sh -c echo "a\b"' failed with exit code 1)");
  EXPECT_EQ(MessageOf(R"(executor failed running [/bin/sh -c echo \"a\"]: exit code: 1)"),
            R"('/bin/sh -c echo \"a\"' failed with exit code 1)");
}

TEST(SolveErrorTest, KeepsWhyACommandCouldNotStart) {
  EXPECT_EQ(MessageOf("executor failed running [/bin/sh -c true]: unable to find user nosuch"),
            "'/bin/sh -c true' failed: unable to find user nosuch");
}

TEST(SolveErrorTest, SaysInOneWayThatACopiedFileIsMissing) {
  EXPECT_EQ(MessageOf("failed to solve with frontend dockerfile.v0: failed to build LLB: failed to "
                      "compute cache key: \"/x\" not found: not found"),
            "\"/x\" not found");
  EXPECT_EQ(MessageOf("failed to compute cache key: failed to calculate checksum of ref "
                      "8c70697d-f403::07nnzgtv0: \"/x y\": not found"),
            "\"/x y\" not found");
  EXPECT_EQ(MessageOf("lstat /var/lib/docker/tmp/buildkit-mount2993748630/a/b: no such file or "
                      "directory"),
            "\"/a/b\" not found");
  EXPECT_EQ(MessageOf("lstat /var/lib/docker/overlay2/4ws96tm0we/merged/b: no such file or "
                      "directory"),
            "\"/b\" not found");
}

TEST(SolveErrorTest, AdvisesToLookAtTheContextWhenAFileOfItIsMissing) {
  const absl::Status status =
      SolveError({.code = kUnknown, .message = "failed to compute cache key: \"/x\": not found"},
                 "Dockerfile");

  EXPECT_THAT(HintsOf(status), testing::ElementsAre(HasSubstr(".dockerignore")));
}

TEST(SolveErrorTest, TakesTheLineOfASyntaxErrorFromTheText) {
  EXPECT_EQ(MessageOf("failed to solve with frontend dockerfile.v0: failed to create LLB "
                      "definition: dockerfile parse error line 3: unknown instruction: RUM"),
            "web/Dockerfile:3: unknown instruction: RUM");
  EXPECT_EQ(MessageOf("dockerfile parse error on line 12: unknown instruction: RUM"),
            "web/Dockerfile:12: unknown instruction: RUM");
}

TEST(SolveErrorTest, TakesTheLineFromTheDetails) {
  const SolveFailure failure = {
      .code = kUnknown,
      .message = "process \"/bin/sh -c false\" did not complete successfully: exit code: 1",
      .details = DetailsWith("github.com/moby/buildkit/errdefs.Source+json",
                             R"({"info":{},"ranges":[{"start":{"line":7},"end":{"line":8}}]})")};

  EXPECT_EQ(std::string(SolveError(failure, "Dockerfile").message()),
            "Dockerfile:7: '/bin/sh -c false' failed with exit code 1");
}

TEST(SolveErrorTest, DoesWithoutDetailsThatMakeNoSense) {
  for (const std::string json : {"", "{", "[]", R"({"ranges":[]})", R"({"ranges":[{"start":"x"}]})",
                                 R"({"ranges":[{"start":{"line":-1}}]})"}) {
    const SolveFailure failure = {
        .code = kUnknown,
        .message = "oops",
        .details = DetailsWith("github.com/moby/buildkit/errdefs.Source+json", json)};

    EXPECT_EQ(std::string(SolveError(failure, "Dockerfile").message()), "oops") << json;
  }
  EXPECT_EQ(
      std::string(
          SolveError({.code = kUnknown, .message = "oops", .details = "junk"}, "D").message()),
      "oops");
}

TEST(SolveErrorTest, SaysWhatToDoAboutAFileThatCannotBeSent) {
  const absl::Status status =
      SolveError({.code = kUnknown,
                  .message = "failed to solve: failed to compute cache key: error from sender: "
                             "cannot read /shop/secret: Permission denied"},
                 "Dockerfile");

  EXPECT_EQ(std::string(status.message()), "cannot read /shop/secret: Permission denied");
  EXPECT_THAT(HintsOf(status), testing::ElementsAre(testing::HasSubstr(".dockerignore")));
}

TEST(SolveErrorTest, SaysWhatToDoAboutAFullDisk) {
  const absl::Status status = SolveError(
      {.code = kUnknown,
       .message = "failed to copy files: copy file range failed: no space left on device"},
      "Dockerfile");

  EXPECT_THAT(HintsOf(status), testing::ElementsAre(testing::HasSubstr("docker builder prune")));
}

TEST(SolveErrorTest, CallsARegistrysRefusalANetworkError) {
  for (const char* words :
       {"pulling from host 127.0.0.1:5 failed with status code [manifests 1]: 429 Too Many "
        "Requests",
        "unexpected status from HEAD request to http://127.0.0.1:5/v2/base/manifests/1: 503"}) {
    const absl::Status status = SolveError({.code = kUnknown, .message = words}, "Dockerfile");

    EXPECT_EQ(ReasonOf(status), Reason::kNetwork) << words;
  }
}

TEST(SolveErrorTest, CallsAFailedPullANetworkError) {
  const absl::Status status = SolveError(
      {.code = kUnknown,
       .message = "failed to do request: Head \"https://registry.example/v2/\": dial tcp"},
      "Dockerfile");

  EXPECT_EQ(ReasonOf(status), Reason::kNetwork);
  EXPECT_FALSE(HintsOf(status).empty());
}

TEST(SolveErrorTest, CallsAnythingElseAFailedBuild) {
  const absl::Status status = SolveError(
      {.code = kUnknown, .message = "rpc error: code = Unknown desc = what is this"}, "D");

  EXPECT_EQ(ReasonOf(status), Reason::kBuildFailed);
  EXPECT_EQ(std::string(status.message()), "what is this");
}

TEST(SolveErrorTest, TellsALostEngineFromAFailedBuild) {
  const absl::Status status = SolveError({.code = 14, .message = "Socket closed"}, "Dockerfile");

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), Reason::kEngineUnavailable);
}

}  // namespace
}  // namespace nopo
