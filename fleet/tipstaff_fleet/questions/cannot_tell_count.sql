-- How many they are.
SELECT count(*) AS reports FROM newest_runs WHERE silent = 0 AND compliant < 0
