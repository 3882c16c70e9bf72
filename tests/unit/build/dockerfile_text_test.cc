#include "daemon/build/dockerfile_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Images(const std::string& text, const std::string& stage = "",
                                const std::map<std::string, std::string>& build_args = {}) {
  return ReadDockerfile(text, build_args).ImagesOf(stage);
}

std::string Replaced(const std::string& text,
                     const std::map<std::string, std::string>& build_args = {}) {
  return ReplaceBase(text, ReadDockerfile(text, build_args), "shop:local");
}

TEST(DockerfileTextTest, FindsTheImageOfFrom) {
  EXPECT_THAT(Images("FROM node:22\nRUN make\n"), ElementsAre("node:22"));
}

TEST(DockerfileTextTest, ReadsInstructionsInAnyCaseWithFlagsAndBlanks) {
  EXPECT_THAT(Images("  from --platform=linux/amd64   node:22\tas Web\r\n"),
              ElementsAre("node:22"));
  EXPECT_EQ(ReadDockerfile("from node as Web\n", {}).FindStage("wEB"), 0);
}

TEST(DockerfileTextTest, AnEmptyFileHasNoStages) {
  EXPECT_THAT(Images(""), IsEmpty());
  EXPECT_THAT(Images("# nothing\n\n"), IsEmpty());
}

TEST(DockerfileTextTest, ScratchIsNoImage) { EXPECT_THAT(Images("FROM scratch\n"), IsEmpty()); }

TEST(DockerfileTextTest, StagesAreNoImages) {
  EXPECT_THAT(Images("FROM node AS build\nFROM build AS test\nFROM nginx\n"
                     "COPY --from=BUILD /a /a\nCOPY --from=1 /b /b\nCOPY --from=busybox:1 /c /c\n"),
              ElementsAre("busybox:1", "nginx", "node"));
}

TEST(DockerfileTextTest, FromSeesOnlyTheStagesAboveIt) {
  EXPECT_THAT(Images("FROM base AS base\nFROM base\n"), ElementsAre("base"));
}

TEST(DockerfileTextTest, CopySeesStagesBelowIt) {
  EXPECT_THAT(Images("FROM node\nCOPY --from=late / /\nFROM nginx AS late\n", "0"),
              ElementsAre("nginx", "node"));
}

TEST(DockerfileTextTest, OnlyWhatTheWantedStageNeedsCounts) {
  const std::string text =
      "FROM node AS dev\nFROM golang AS build\nFROM nginx AS production\n"
      "COPY --chown=1:1 --from=build / /\n";
  EXPECT_THAT(Images(text, "dev"), ElementsAre("node"));
  EXPECT_THAT(Images(text, "production"), ElementsAre("golang", "nginx"));
  EXPECT_THAT(Images(text), ElementsAre("golang", "nginx"));
}

TEST(DockerfileTextTest, MountsNameImages) {
  EXPECT_THAT(Images("FROM node\nRUN --network=none --mount=type=bind,from=tools:2,target=/t \\\n"
                     "  --mount=type=cache,target=/c make from=no\n"),
              ElementsAre("node", "tools:2"));
}

TEST(DockerfileTextTest, OnlyFlagsInFrontCount) {
  EXPECT_THAT(Images("FROM node\nCOPY a --from=b /c\nRUN cp --mount=from=x\n"),
              ElementsAre("node"));
}

TEST(DockerfileTextTest, PutsGlobalArgumentsIntoFrom) {
  const std::string text =
      "ARG VERSION=22\nARG IMAGE=node:${VERSION} OTHER\nFROM $IMAGE AS a\n"
      "FROM \"${OTHER:-nginx}\"\nCOPY --from=a / /\n";
  EXPECT_THAT(Images(text), ElementsAre("nginx", "node:22"));
  EXPECT_THAT(Images(text, "", {{"VERSION", "20"}, {"OTHER", "caddy"}}),
              ElementsAre("caddy", "node:20"));
}

TEST(DockerfileTextTest, ExpandsAsBuildKitDoes) {
  EXPECT_THAT(Images("ARG A=x\nARG E=\nFROM i:${A:+set}${B:+set}${E:-empty}${E-unset}\n"),
              ElementsAre("i:setempty"));
  EXPECT_THAT(Images("ARG A=x\nFROM ${B:-${A}/y}:'$A'-\\$A\n"), ElementsAre("x/y:$A-$A"));
}

TEST(DockerfileTextTest, ArgumentsOfStagesDoNotReachFrom) {
  EXPECT_THAT(Images("FROM node\nARG IMAGE=nginx\nFROM i:${IMAGE}\n"), ElementsAre("i:"));
}

TEST(DockerfileTextTest, ListsDeclaredArguments) {
  EXPECT_THAT(ReadDockerfile("ARG A=1\nFROM x\narg B C=\"two words\"\nENV D=1\n", {}).arguments,
              ElementsAre("A", "B", "C"));
}

TEST(DockerfileTextTest, JoinsContinuedLinesAroundCommentsAndBlankLines) {
  EXPECT_THAT(Images("FROM \\\n  # FROM no\n\n  node:22 \\ \n AS build\nFROM build\n"),
              ElementsAre("node:22"));
}

TEST(DockerfileTextTest, ObeysTheEscapeDirective) {
  EXPECT_THAT(Images("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN dir C:\\\nFROM `\nb\n"
                     "COPY --from=0 / /\n"),
              ElementsAre("a", "b"));
}

TEST(DockerfileTextTest, ADirectiveBehindACommentIsAComment) {
  EXPECT_THAT(Images("# hello\n# escape=`\nFROM \\\nnode\n"), ElementsAre("node"));
}

TEST(DockerfileTextTest, SkipsHereDocuments) {
  EXPECT_THAT(Images("FROM node\nRUN <<EOF cat <<-'END'\nFROM no\nEOF\nFROM neither\n\tEND\n"
                     "COPY --from=nginx / /\n"),
              ElementsAre("nginx", "node"));
}

TEST(DockerfileTextTest, AHereDocumentWithoutEndIsNone) {
  EXPECT_THAT(Images("FROM node\nRUN echo $((1 <<3 ))\nFROM nginx\n"), ElementsAre("nginx"));
}

TEST(DockerfileTextTest, ReplacesBaseAndRootWhereTheyNameImages) {
  EXPECT_EQ(Replaced("# FROM base\nFROM base AS build\nRUN echo FROM base\n"
                     "from --platform=linux/amd64 root\nCOPY --from=base /a /a\n"
                     "COPY --from=build /b /b\nRUN --mount=type=bind,from=root,target=/r ls\n"),
            "# FROM base\nFROM shop:local AS build\nRUN echo FROM base\n"
            "from --platform=linux/amd64 shop:local\nCOPY --from=shop:local /a /a\n"
            "COPY --from=build /b /b\nRUN --mount=type=bind,from=shop:local,target=/r ls\n");
}

TEST(DockerfileTextTest, LeavesOtherNamesAlone) {
  const std::string text = "FROM base:1\nFROM my/root\nFROM Base\nFROM base-image\n";
  EXPECT_EQ(Replaced(text), text);
}

TEST(DockerfileTextTest, AStageNamedBaseIsMeantOnceItStands) {
  EXPECT_EQ(Replaced("FROM base AS base\nFROM base\nCOPY --from=base / /\n"),
            "FROM shop:local AS base\nFROM base\nCOPY --from=base / /\n");
}

TEST(DockerfileTextTest, ReplacesAnArgumentThatSaysBase) {
  EXPECT_EQ(Replaced("ARG FROM_IMAGE=base\nFROM ${FROM_IMAGE} AS x\n"),
            "ARG FROM_IMAGE=base\nFROM shop:local AS x\n");
  EXPECT_EQ(Replaced("ARG FROM_IMAGE=base\nFROM ${FROM_IMAGE}\n", {{"FROM_IMAGE", "node"}}),
            "ARG FROM_IMAGE=base\nFROM ${FROM_IMAGE}\n");
}

TEST(DockerfileTextTest, KeepsLinesAndLineEnds) {
  EXPECT_EQ(Replaced("FROM \\\r\n  root \\\r\n  AS x\r\nRUN y"),
            "FROM \\\r\n  shop:local \\\r\n  AS x\r\nRUN y");
}

TEST(DockerfileTextTest, ANameBrokenOverLinesKeepsItsLines) {
  EXPECT_EQ(Replaced("FROM ba\\\nse AS x\nRUN y\n"), "FROM shop:local\\\n AS x\nRUN y\n");
}

}  // namespace
}  // namespace nopo
