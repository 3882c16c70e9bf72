#include "daemon/graph/dependency_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int kMany = 2000;

// One "name: dependency dependency" a line would be a language; pairs will do.
DependencyGraph GraphOf(const std::vector<std::pair<std::string, std::string>>& edges) {
  DependencyGraph graph;
  for (const auto& [name, depends_on] : edges) graph.AddDependency(name, depends_on);
  return graph;
}

std::string Numbered(int number) { return absl::StrCat("t", 10000 + number); }

DependencyGraph Chain(int length) {
  DependencyGraph graph;
  for (int i = 1; i < length; ++i) graph.AddDependency(Numbered(i), Numbered(i - 1));
  return graph;
}

TEST(DependencyGraphTest, ADependencyIsANodeItself) {
  const DependencyGraph graph = GraphOf({{"web", "api"}});

  EXPECT_TRUE(graph.Contains("api"));
  EXPECT_FALSE(graph.Contains("db"));
}

TEST(DependencyGraphTest, OrdersDependenciesFirstAndTiesByName) {
  const DependencyGraph graph =
      GraphOf({{"web", "api"}, {"api", "shared"}, {"backend", "shared"}, {"web", "backend"}});

  EXPECT_THAT(graph.TopologicalOrder(), ElementsAre("shared", "api", "backend", "web"));
}

TEST(DependencyGraphTest, AGraphWithoutACycleHasNone) {
  EXPECT_THAT(GraphOf({{"web", "api"}, {"web", "db"}, {"api", "db"}}).FindCycle(), IsEmpty());
}

TEST(DependencyGraphTest, ACycleStartsAtItsSmallestNameAndReturnsToIt) {
  const DependencyGraph graph =
      GraphOf({{"a", "web"}, {"web", "backend"}, {"backend", "shared"}, {"shared", "web"}});

  EXPECT_THAT(graph.FindCycle(), ElementsAre("backend", "shared", "web", "backend"));
  EXPECT_EQ(CycleText(graph.FindCycle()), "backend -> shared -> web -> backend");
}

TEST(DependencyGraphTest, ANodeThatDependsOnItselfIsACycle) {
  EXPECT_THAT(GraphOf({{"web", "web"}}).FindCycle(), ElementsAre("web", "web"));
}

TEST(DependencyGraphTest, ReachableAreTheRootsAndAllTheyDependOn) {
  const DependencyGraph graph = GraphOf({{"web", "api"}, {"api", "db"}, {"worker", "db"}});

  EXPECT_THAT(graph.ReachableFrom({"api"}), ElementsAre("api", "db"));
  EXPECT_THAT(graph.ReachableFrom({"web", "worker"}), ElementsAre("api", "db", "web", "worker"));
  EXPECT_THAT(graph.ReachableFrom({"nobody"}), IsEmpty());
}

TEST(DependencyGraphTest, WhatPassesStandsForItsOwnDependencies) {
  const DependencyGraph graph =
      GraphOf({{"web", "x"}, {"web", "db"}, {"x", "y"}, {"x", "api"}, {"y", "db"}, {"y", "cache"}});

  EXPECT_THAT(graph.DependenciesThrough([](auto name) { return name == "x" || name == "y"; }),
              UnorderedElementsAre(Pair("web", ElementsAre("api", "cache", "db")),
                                   Pair("x", ElementsAre("api", "cache", "db")),
                                   Pair("y", ElementsAre("cache", "db")), Pair("api", IsEmpty()),
                                   Pair("cache", IsEmpty()), Pair("db", IsEmpty())));
}

// Each of a layer depends on all of the one below: 190,000 edges.
TEST(DependencyGraphTest, TakesDenseLayersThatMostlyPass) {
  constexpr int kWidth = 100;
  DependencyGraph graph;
  for (int i = kWidth; i < kMany; ++i) {
    const int below = (i / kWidth - 1) * kWidth;
    for (int j = 0; j < kWidth; ++j) graph.AddDependency(Numbered(i), Numbered(below + j));
  }

  const auto resolved =
      graph.DependenciesThrough([](auto name) { return name >= Numbered(kWidth); });

  EXPECT_THAT(resolved.at(Numbered(kMany - 1)), SizeIs(kWidth));
  EXPECT_THAT(graph.FindCycle(), IsEmpty());
}

TEST(DependencyGraphTest, TakesALongChainWithoutRecursion) {
  DependencyGraph graph = Chain(kMany);

  EXPECT_THAT(graph.FindCycle(), IsEmpty());
  EXPECT_EQ(graph.TopologicalOrder().front(), Numbered(0));
  EXPECT_THAT(graph.ReachableFrom({Numbered(kMany - 1)}), SizeIs(kMany));

  graph.AddDependency(Numbered(0), Numbered(kMany - 1));
  EXPECT_THAT(graph.FindCycle(), SizeIs(kMany + 1));
}

TEST(DependencyGraphTest, TakesAWideFan) {
  DependencyGraph graph;
  for (int i = 0; i < kMany; ++i) graph.AddDependency("all", Numbered(i));

  EXPECT_THAT(graph.FindCycle(), IsEmpty());
  EXPECT_EQ(graph.TopologicalOrder().back(), "all");
}

}  // namespace
}  // namespace nopo
